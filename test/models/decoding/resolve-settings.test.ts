import { describe, expect, it } from 'vitest';
import { resolveSettings } from '../../../src/models/decoding/resolve-settings.ts';
import type { CheckpointDecoding, DecodingSettings } from '../../../src/models/decoding/settings.ts';

const refused = (asked: DecodingSettings, checkpoint?: CheckpointDecoding) => {
  try {
    resolveSettings(asked, checkpoint);
  } catch (error) {
    const { code, details } = error as { code: string; details: { param: string } };
    return [code, details.param];
  }
  return 'nothing refused';
};

describe('settings of decoding', () => {
  it('are greedy where nobody says anything', () => {
    expect(resolveSettings()).toEqual({ strategy: 'greedy', stop: [], asked: {} });
  });

  it('follow the checkpoint, and a person before it', () => {
    const checkpoint = { settings: { beams: 5, lengthPenalty: 2, temperature: 0.5 }, isSampled: false };
    expect(resolveSettings({}, checkpoint)).toMatchObject({ strategy: 'beam', beams: 5, lengthPenalty: 2 });
    expect(resolveSettings({ beams: 3 }, checkpoint)).toMatchObject({
      beams: 3,
      lengthPenalty: 2,
      asked: { beams: 3 },
    });
    expect(resolveSettings({ beams: 1 }, checkpoint).strategy).toBe('greedy');
    expect(resolveSettings({ strategy: 'greedy' }, checkpoint)).not.toHaveProperty('lengthPenalty');
    expect(resolveSettings({ strategy: 'sample' }, checkpoint)).toMatchObject({ temperature: 0.5, topK: 50, seed: 0 });
  });

  it('sample with seed 0 where the checkpoint samples', () => {
    const checkpoint = { settings: { temperature: 0.6, topP: 0.9 }, isSampled: true };
    expect(resolveSettings({}, checkpoint)).toMatchObject({ strategy: 'sample', seed: 0, temperature: 0.6, topP: 0.9 });
    expect(resolveSettings({ beams: 4 }, checkpoint)).toMatchObject({ strategy: 'beam-sample', beams: 4 });
  });

  it('search contrastively by the checkpoint, or by the numbers of SimCTG', () => {
    const checkpoint = { settings: { penaltyAlpha: 0.4, topK: 6 }, isSampled: false };
    expect(resolveSettings({}, checkpoint)).toMatchObject({ strategy: 'contrastive', penaltyAlpha: 0.4, topK: 6 });
    expect(resolveSettings({ strategy: 'contrastive' })).toMatchObject({ penaltyAlpha: 0.6, topK: 5 });
  });

  it("count a person's least tokens instead of the checkpoint's least length", () => {
    const checkpoint = { settings: {}, isSampled: false, minLength: 9 };
    expect(resolveSettings({}, checkpoint)).toMatchObject({ minLength: 9 });
    expect(resolveSettings({ minTokens: 2 }, checkpoint)).not.toHaveProperty('minLength');
  });

  it.each<[DecodingSettings, string]>([
    [{ beams: 0 }, 'beams'],
    [{ strategy: 'beam', beams: 2.5 }, 'beams'],
    [{ strategy: 'sample', temperature: 0 }, 'temperature'],
    [{ strategy: 'sample', topK: -1 }, 'topK'],
    [{ strategy: 'sample', topP: 1.5 }, 'topP'],
    [{ strategy: 'sample', minP: -0.1 }, 'minP'],
    [{ strategy: 'sample', typicalP: Number.NaN }, 'typicalP'],
    [{ strategy: 'sample', seed: -1 }, 'seed'],
    [{ repetitionPenalty: 0 }, 'repetitionPenalty'],
    [{ noRepeatNgram: -2 }, 'noRepeatNgram'],
    [{ stop: ['.', ''] }, 'stop'],
    [{ suppressed: [-1] }, 'suppressed'],
    [{ strategy: 'beam', earlyStopping: 'always' as never }, 'earlyStopping'],
    [{ strategy: 'best' as never }, 'strategy'],
    [{ temprature: 1 } as never, 'decoding'],
    // Without meaning for the strategy.
    [{ temperature: 0.5 }, 'temperature'],
    [{ strategy: 'greedy', beams: 4 }, 'beams'],
    [{ strategy: 'sample', lengthPenalty: 2 }, 'lengthPenalty'],
    [{ strategy: 'beam', seed: 1 }, 'seed'],
    [{ strategy: 'beam-sample', groups: 2 }, 'groups'],
    [{ strategy: 'beam', penaltyAlpha: 0.5 }, 'penaltyAlpha'],
    [{ strategy: 'contrastive', topK: 0 }, 'topK'],
    // Against each other.
    [{ strategy: 'beam', beams: 4, groups: 3 }, 'groups'],
    [{ strategy: 'beam', beams: 4, diversity: 1 }, 'diversity'],
  ])('%j is refused', (asked, param) => {
    expect(refused(asked)).toEqual(['run/bad-parameter', param]);
  });

  it('refuse what a checkpoint has out of range once it is read', () => {
    const checkpoint = { settings: { temperature: 0 }, isSampled: false };
    expect(resolveSettings({}, checkpoint).strategy).toBe('greedy');
    expect(refused({ strategy: 'sample' }, checkpoint)).toEqual(['run/bad-parameter', 'temperature']);
  });
});
