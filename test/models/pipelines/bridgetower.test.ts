import { describe, expect, it } from 'vitest';
import { parseImageProcessor } from '../../../src/image/processor-config.ts';
import { bridgeTower } from '../../../src/models/families/bridgetower.ts';
import { BridgeTower } from '../../../src/models/families/bridgetower-model.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { cosine } from '../cosine.ts';
import { drawnRegions, drawnTensor, openTasks, WORDS } from './fusion-words.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

const PROCESSOR = {
  image_processor_type: 'BridgeTowerImageProcessor',
  size: { shortest_edge: 21 },
  crop_size: { shortest_edge: 21 },
  size_divisor: 7,
};
/** Padding has RoBERTa's id. */
const TEXTS = { words: { ...WORDS, '[PAD]': 1, '[CLS]': 0 }, processor: PROCESSOR };
const WIDTH = 24;

describe('BridgeTower', () => {
  it('scores each text for itself, whatever stands beside it', async () => {
    const { tasks, bytes } = await openTasks(await taskFolder('bridgetower_scaled', TEXTS));
    expect(bytes).toBeGreaterThan(1e5);
    const image = drawnImage(4);
    const texts = ['a dog', 'the red cat sleeps', 'what', ...Array.from({ length: 16 }, () => 'the dog sees a cat')];
    const all = await tasks['image-text-matching']({ image, texts });
    expect(all).toMatchObject({ kind: 'Scores', normalized: true, subject: 'picture-4.png' });
    for (const text of texts.slice(0, 4)) {
      const alone = await tasks['image-text-matching']({ image, texts: [text] });
      const { score } = all.entries.find(({ label }) => label === text)!;
      expect(alone.entries[0]!.score).toBeCloseTo(score, 5);
    }
    expect(all.entries[0]!.score).toBeGreaterThan(all.entries.at(-1)!.score);
  });

  it('fills masks for the picture it sees', async () => {
    const { tasks } = await openTasks(await taskFolder('bridgetower_interpolated', TEXTS));
    const [first, ...others] = await tasks['fill-mask']({ image: drawnImage(1), text: 'a [MASK] dog' });
    expect(others).toEqual([]);
    expect(first!.entries).toHaveLength(40);
    const [other] = await tasks['fill-mask']({ image: drawnImage(2), text: 'a [MASK] dog' });
    expect(other!.entries[0]!.score).not.toBeCloseTo(first!.entries[0]!.score, 5);
    await expect(tasks['fill-mask']({ text: 'a [MASK] dog' })).rejects.toMatchObject({ code: 'model/bad-input' });
    await expect(tasks['fill-mask']({ regions: drawnRegions(2, 4), text: 'a [MASK] dog' })).rejects.toMatchObject({
      details: { received: 'regions' },
    });
  });

  it('is two towers where it was trained by contrast, the same that read each other', async () => {
    const folder = await taskFolder('bridgetower_scaled', {
      ...TEXTS,
      alterations: {
        config: { architectures: ['BridgeTowerForContrastiveLearning'], contrastive_hidden_size: 10 },
        rename: (name) => (name.startsWith('itm_score') ? undefined : name),
        add: {
          logit_scale: drawnTensor([], 1),
          'itc_text_head.fc.weight': drawnTensor([10, WIDTH], 2),
          'itc_text_head.fc.bias': drawnTensor([10], 3),
          'itc_image_head.fc.weight': drawnTensor([10, WIDTH], 4),
          'itc_image_head.fc.bias': drawnTensor([10], 5),
          'itc_cross_modal_head.fc.weight': drawnTensor([10, 2 * WIDTH], 6),
          'itc_cross_modal_head.fc.bias': drawnTensor([10], 7),
        },
      },
    });
    const { tasks, embedding } = await openTasks(folder);
    expect(embedding?.dim).toBe(10);
    const image = drawnImage(3);
    const [text] = await tasks['text-feature-extraction']({ texts: ['a dog'] });
    const [picture] = await tasks['image-feature-extraction']({ images: [image] });
    const whole = await fromCheckpoint(folder, { model: 'test/model' }, async (checkpoint) =>
      BridgeTower.build(await bridgeTower(checkpoint)),
    );
    const processor = parseImageProcessor(PROCESSOR, { model: 'test/model', modelType: 'bridgetower' });
    const { pixelValues, shape } = await processor.processBatch([image]);
    const result = await whole.run({ tokens: { ids: [0, 10, 12, 2] }, pictures: { data: pixelValues, shape } });
    const embeddings = await whole.embed(result);
    expect(cosine(text!, embeddings.text.toFloats())).toBeGreaterThan(0.99999);
    expect(cosine(picture!, embeddings.image.toFloats())).toBeGreaterThan(0.99999);
    expect(embeddings.cross.shape).toEqual([1, 10]);
  });
});
