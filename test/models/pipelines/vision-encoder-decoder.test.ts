import { describe, expect, it } from 'vitest';
import { openTasks, WORDS } from './fusion-words.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

const NAMES = Object.fromEntries(Array.from({ length: 60 }, (_, id) => [`w${id}`, id]));
const USED = new Set(Object.values(WORDS));
const ALL_WORDS = { ...WORDS, ...Object.fromEntries(Object.entries(NAMES).filter(([, id]) => !USED.has(id))) };

const PROCESSOR = { image_processor_type: 'ViTImageProcessor', size: { height: 24, width: 24 } };

async function open(fixture: string) {
  return openTasks(await taskFolder(fixture, { words: ALL_WORDS, processor: PROCESSOR }));
}

describe('VisionEncoderDecoder', () => {
  it.each(['ved_vit_trocr_untied', 'ved_swin_bert', 'ved_beit_roberta'])(
    '%s writes, piece by piece',
    async (fixture) => {
      const { tasks, bytes, release } = await open(fixture);
      const pieces: string[] = [];
      const options = { onText: (piece: string) => void pieces.push(piece) };
      const { kind, text } = await tasks['image-to-text']({ image: drawnImage(2), maxTokens: 8 }, options);
      expect(kind).toBe('Caption');
      expect(text.length).toBeGreaterThan(0);
      expect(pieces.join('').trim()).toBe(text);
      const short = await tasks['image-to-text']({ image: drawnImage(2), maxTokens: 2 });
      expect(text.startsWith(short.text)).toBe(true);
      expect(bytes).toBeGreaterThan(1000);
      release();
    },
  );

  it('writes as many tokens as its checkpoint says, takes no prompt and no more than it has places for', async () => {
    const { tasks } = await open('ved_vit_trocr_untied');
    const image = drawnImage(5);
    const { text } = await tasks['image-to-text']({ image });
    expect(text.split(' ').length).toBeLessThanOrEqual(19);
    await expect(tasks['image-to-text']({ image, prompt: 'a' })).rejects.toMatchObject({ code: 'model/bad-input' });
    await expect(tasks['image-to-text']({ image, maxTokens: 100 })).rejects.toMatchObject({ code: 'model/bad-input' });
  });
});
