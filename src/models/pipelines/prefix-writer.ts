/**
 * A language model that writes behind a prefix: rows that a mapper made of a picture stand before the words of its prompt.
 * ClipCap, Frozen and MAPL decode so; the language model may be any causal one, alone in its folder or, as in ClipCap's
 * checkpoints, part of one. Knows no mapper and no picture.
 * Sources: Mokady et al., ClipCap (2021), section 3.3; Tsimpoukelli et al., Frozen (2021); Mañas et al., MAPL (2022).
 */
import { WeftError } from '../../errors.ts';
import type { Tensor } from '../../native/tensor.ts';
import type { CaptionValue } from '../../protocol/value.ts';
import { ConfigReader } from '../blocks/config-reader.ts';
import { readCheckpointWriting } from '../decoding/checkpoint-decoding.ts';
import { prefixSteps } from '../decoding/prefix-steps.ts';
import { writeText } from '../decoding/writer.ts';
import type { BlockSources } from '../fusion/block-loader.ts';
import { loadTokenizer } from '../load-tokenizer.ts';
import { requireJson } from '../read-json.ts';
import { RowLanguageModel } from '../towers/row-language-model.ts';
import { familyOf, languageModelTypes } from './registry.ts';
import { roomFor } from './room.ts';
import type { Task, Writing } from './task.ts';

export interface PrefixWriting extends Writing {
  /** [1, rows, width], the caller's. */
  readonly prefix: Tensor;
  /** Stands between the prefix and what is written, and is not part of it. */
  readonly prompt: string;
  /** The first token `.` ends the text and stays in it. */
  readonly endsAtPeriod: boolean;
}

export interface PrefixWriter {
  /** Of the rows that it reads. */
  readonly width: number;
  /** Bytes of packed weights. */
  readonly bytes: number;
  /** Rejects with `model/bad-input` where prefix and text do not fit, `run/bad-parameter` for settings of decoding. */
  readonly write: Task<PrefixWriting, CaptionValue>;
  readonly release: () => void;
}

/** ClipCap's own number. */
const MOST_TOKENS = 67;

/**
 * The folder's config.json and tokenizer are those of the language model. Rejects with `model/missing-file`,
 * `model/bad-config`, `model/bad-weights`, `model/unsupported` for a family that is no causal language model,
 * `native/out-of-memory`.
 */
export async function openPrefixWriter({ name, folder, weights, precision }: BlockSources): Promise<PrefixWriter> {
  const hint = 'It describes the language model: copy it, and tokenizer.json, from the repository of that model.';
  const config = new ConfigReader(await requireJson(folder, 'config.json', name, hint), { model: name });
  const type = config.text('model_type');
  const { language } = familyOf(type, name);
  if (language === undefined) {
    const expected = `a causal language model (${languageModelTypes().join(', ')})`;
    throw new WeftError('model/unsupported', { model: name, expected, received: `"${type}"` });
  }
  const { endIds, padId = 0, byCheckpoint } = await readCheckpointWriting(folder, config);
  const tokenizer = await loadTokenizer(folder, name);
  const model = await RowLanguageModel.build(language({ config, weights, folder, model: name }), { precision });
  const period = tokenizer.idOf('.');
  return {
    width: model.width,
    bytes: model.bytes,
    async write({ prefix, prompt, endsAtPeriod, maxTokens, decoding }, options = {}) {
      if (endsAtPeriod && period === undefined) {
        const expected = 'false: the tokenizer has no token "."';
        throw new WeftError('run/bad-parameter', { param: 'endsAtPeriod', expected, received: true });
      }
      const { ids } = tokenizer.encode(prompt, { specialTokens: false });
      const text = await writeText({
        ...{ ...options, prompt: ids, tokenizer, decoding, byCheckpoint },
        steps: prefixSteps(model, prefix),
        maxTokens: maxTokens ?? roomFor(name, prefix.shape[1]! + ids.length, model.positions, MOST_TOKENS),
        rules: { endIds, padId },
        ...(endsAtPeriod ? { lastIds: [period!] } : {}),
      });
      return { kind: 'Caption', text };
    },
    release: () => model.release(),
  };
}
