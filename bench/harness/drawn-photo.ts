/** A JPEG that compresses like a photograph: light, discs and bars under noise, always the same for a size. */
import sharp from 'sharp';

export async function drawnPhoto(width: number, height: number): Promise<Uint8Array> {
  const discs = Array.from({ length: 40 }, (_, index) => {
    // A golden-angle spiral spreads the discs; the index alone decides everything.
    const angle = index * 2.399963;
    const distance = Math.sqrt((index + 0.5) / 40) * 0.6;
    const x = width * (0.5 + distance * Math.cos(angle));
    const y = height * (0.5 + distance * Math.sin(angle));
    const hue = (index * 47) % 360;
    return `<circle cx="${x}" cy="${y}" r="${height * (0.03 + (index % 7) * 0.02)}" fill="hsl(${hue},60%,${30 + (index % 5) * 10}%)"/>`;
  });
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs><linearGradient id="sky" x2="1" y2="1"><stop stop-color="#7aa7d8"/><stop offset="1" stop-color="#3d5a3a"/></linearGradient></defs>
    <rect width="100%" height="100%" fill="url(#sky)"/>${discs.join('')}</svg>`;
  const texture = await sharp(noise(width, height), { raw: { width, height, channels: 1 } })
    .blur(0.7)
    .png()
    .toBuffer();
  return sharp(Buffer.from(drawing))
    .removeAlpha()
    .composite([{ input: texture, blend: 'soft-light' }])
    .jpeg({ quality: 90, chromaSubsampling: '4:2:0' })
    .toBuffer();
}

/** Uniform noise around grey from a linear congruential generator (constants of Numerical Recipes). */
function noise(width: number, height: number): Buffer {
  let state = 1;
  return Buffer.from(
    Uint8Array.from({ length: width * height }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return 88 + (state >>> 24) * 0.3;
    }),
  );
}
