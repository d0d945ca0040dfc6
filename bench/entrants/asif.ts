/** Scores of pictures against described texts by 100,000 anchors: ours from the index on disk, PyTorch's from memory. */
import type { Anchor, AnchorSpaces } from '../../src/models/free/anchor.ts';
import { halved } from '../../src/models/free/anchor.ts';
import { AnchorChanges } from '../../src/models/free/anchor-changes.ts';
import { AnchorIndex } from '../../src/models/free/anchor-index.ts';
import { type AsifSettings, relativeCosines, relativeRows } from '../../src/models/free/asif.ts';
import { halfToFloat } from '../../src/models/half-float.ts';
import { randomUniform } from '../models/random.ts';
import type { TorchPeer } from '../peers/torch.ts';
import { type Entrant, localEntrant, torchEntrant } from './entrant.ts';

export interface AsifCase extends AsifSettings {
  readonly anchors: number;
  readonly width: number;
  readonly pictures: number;
  readonly texts: number;
}

export function spacesOf({ width }: Pick<AsifCase, 'width'>): AnchorSpaces {
  return { image: { space: 'bench/seen', width }, text: { space: 'bench/read', width } };
}

/** Repeatable anchors `first` to `first + count - 1`. */
export async function* randomAnchors(first: number, count: number, width: number): AsyncGenerator<Anchor> {
  for (let number = first; number < first + count; number += 1) {
    yield {
      id: `pair-${number}`,
      caption: `the caption of pair ${number}`,
      picture: `pictures/${number}.jpg`,
      hash: String(number),
      thumbnail: new Uint8Array(),
      image: randomUniform(2 * number + 1, width, 1),
      text: randomUniform(2 * number + 2, width, 1),
    };
  }
}

export async function buildIndex(folder: string, { anchors, width }: AsifCase): Promise<AnchorChanges> {
  const changes = new AnchorChanges(folder, 'bench');
  await changes.add(spacesOf({ width }), randomAnchors(0, anchors, width));
  return changes;
}

function queriesOf({ pictures, texts, width }: AsifCase) {
  return { seen: randomUniform(7, pictures * width, 1), read: randomUniform(8, texts * width, 1) };
}

export async function ourAsif(problem: AsifCase, folder: string): Promise<Entrant> {
  const { width } = problem;
  const index = await AnchorIndex.open(folder, 'bench');
  const { seen, read } = queriesOf(problem);
  const described = await relativeRows({ data: read, width }, index.rows('text'), problem);
  return localEntrant(
    'weft fp16',
    async () => {
      const asked = await relativeRows({ data: seen, width }, index.rows('image'), problem);
      return await relativeCosines(asked, described, index.count);
    },
    (scores) => scores,
    async () => index.close(),
  );
}

/** The same rounded anchors as float32: PyTorch multiplies halves on processors more slowly than floats. Returns their file. */
export async function shareAnchors(peer: TorchPeer, { anchors, width }: Pick<AsifCase, 'anchors' | 'width'>) {
  const sides = { images: new Float32Array(anchors * width), texts: new Float32Array(anchors * width) };
  let row = 0;
  for await (const { image, text } of randomAnchors(0, anchors, width)) {
    sides.images.set(Float32Array.from(halved(image).halves, halfToFloat), row * width);
    sides.texts.set(Float32Array.from(halved(text).halves, halfToFloat), row * width);
    row += 1;
  }
  const given = {
    anchor_images: { data: sides.images, shape: [anchors, width] },
    anchor_texts: { data: sides.texts, shape: [anchors, width] },
  };
  return await peer.share(new Map(Object.entries(given)));
}

/** @param anchors their file */
export async function torchAsif(peer: TorchPeer, problem: AsifCase, anchors: string): Promise<Entrant> {
  const { width, pictures, texts, k, p } = problem;
  const { seen, read } = queriesOf(problem);
  const given = {
    seen: { data: seen, shape: [pictures, width] },
    read: { data: read, shape: [texts, width] },
  };
  const queries = await peer.share(new Map(Object.entries(given)));
  const name = `${peer.name} fp32`;
  await peer.make(name, 'asif', { anchors, queries, k, p });
  return torchEntrant(peer, name);
}
