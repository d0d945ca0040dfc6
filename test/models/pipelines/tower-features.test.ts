import { describe, expect, it } from 'vitest';
import { openTasks, WORDS } from './fusion-words.ts';
import { drawnImage, taskFolder } from './task-folder.ts';

const square = (type: string, side: number) => ({ image_processor_type: type, size: { height: side, width: side } });
const cropped = (type: string, side: number) => ({
  image_processor_type: type,
  size: { shortest_edge: side },
  crop_size: { height: side, width: side },
});

/**
 * Fixture, image processor, [rows, width] of a picture (class tokens and patches, by config.json), width of a text's rows.
 */
const FAMILIES = [
  ['blip_caption_options', square('BlipImageProcessor', 16), [1 + 2 * 2, 28], undefined],
  ['blip_vqa_options', square('BlipImageProcessor', 16), [1 + 4 * 4, 24], undefined],
  ['blip_retrieval', square('BlipImageProcessor', 32), [1 + 4 * 4, 40], 32],
  ['blip2_options', square('BlipImageProcessor', 16), [1 + 2 * 2, 28], undefined],
  ['blip2_itm_options', square('BlipImageProcessor', 16), [1 + 2 * 2, 28], undefined],
  ['clipseg_options', square('ViTImageProcessor', 29), [1 + 3 * 3, 28], 24],
  ['owlv2', square('Owlv2ImageProcessor', 32), [1 + 4 * 4, 32], 32],
  ['flava_options', { ...cropped('FlavaImageProcessor', 30), size: 30 }, [1 + 4 * 4, 20], 24],
  ['git_tied', square('BlipImageProcessor', 16), [1 + 2 * 2, 28], undefined],
  ['llava_options', cropped('CLIPImageProcessor', 16), [1 + 2 * 2, 28], undefined],
  ['ved_swin_bert', square('ViTImageProcessor', 24), [6 * 6, 16], undefined],
  ['ved_beit_roberta', square('ViTImageProcessor', 24), [1 + 3 * 3, 24], undefined],
  ['deit_distilled', square('ViTImageProcessor', 16), [2 + 4 * 4, 24], undefined],
  ['swin_classifier', square('ViTImageProcessor', 24), [3 * 3, 32], undefined],
  ['xclip_options', cropped('VideoMAEImageProcessor', 26), undefined, 24],
  ['groupvit_options', cropped('CLIPImageProcessor', 26), undefined, 24],
  ['lxmert_pretraining', undefined, undefined, 32],
  ['distilbert_sst2', undefined, undefined, 24],
] as const;

/** What was given for another item differs, and all of it are numbers. */
function expectRows(rows: { readonly data: Float32Array }, others: { readonly data: Float32Array }) {
  expect(rows.data.every(Number.isFinite)).toBe(true);
  expect(rows.data.some((value, index) => Math.abs(value - others.data[index]!) > 1e-3)).toBe(true);
}

describe('the rows of towers', () => {
  it.each(FAMILIES)('%s', async (fixture, processor, picture, width) => {
    const given = processor === undefined ? {} : { processor };
    const { features = {}, release } = await openTasks(await taskFolder(fixture, { words: WORDS, ...given }));
    expect(Object.keys(features).sort()).toEqual([
      ...(picture === undefined ? [] : ['image']),
      ...(width === undefined ? [] : ['text']),
    ]);
    if (picture !== undefined) {
      const rows = await features.image!(drawnImage(1));
      expect([rows.seq, rows.dim]).toEqual(picture);
      expectRows(rows, await features.image!(drawnImage(2)));
    }
    if (width !== undefined) {
      const { features: rows, tokens } = await features.text!('a red dog');
      expect(tokens.ids).toHaveLength(5);
      expect([rows.seq, rows.dim]).toEqual([5, width]);
      expectRows(rows, (await features.text!('the cat sleeps')).features);
    }
    release();
  });
});
