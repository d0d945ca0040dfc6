/**
 * How a checkpoint wants its texts decoded: generation_config.json, else config.json, as older checkpoints have it. What
 * nothing here carries out is refused, never ignored. A checkpoint that samples (`do_sample`) samples here, too, with the seed
 * of DecodingSettings.
 */
import type { ConfigReader } from '../blocks/config-reader.ts';
import {
  type GenerationIds,
  generationIdsOf,
  type NewTokens,
  newTokensOf,
  noGeneration,
  readGenerationFile,
} from './generation-config.ts';
import type { CheckpointDecoding, DecodingSettings } from './settings.ts';
import { withoutGaps } from './without-gaps.ts';

/** Options of `generate` that are not carried out, each with the value that means nothing; without one, any means something. */
const REFUSED = {
  bad_words_ids: undefined,
  constraints: undefined,
  dola_layers: undefined,
  encoder_no_repeat_ngram_size: 0,
  encoder_repetition_penalty: 1,
  epsilon_cutoff: 0,
  eta_cutoff: 0,
  exponential_decay_length_penalty: undefined,
  force_words_ids: undefined,
  forced_decoder_ids: undefined,
  guidance_scale: 1,
  max_time: undefined,
  num_return_sequences: 1,
  prompt_lookup_num_tokens: undefined,
  remove_invalid_values: false,
  renormalize_logits: false,
  sequence_bias: undefined,
  top_h: undefined,
  watermarking_config: undefined,
} as const;

/** All that a family which goes on with a text reads of it. */
export interface CheckpointWriting extends GenerationIds {
  readonly newTokens: NewTokens;
  readonly byCheckpoint: CheckpointDecoding;
}

/** Reads generation_config.json once. Throws as `readDecoding` does. */
export async function readCheckpointWriting(folder: string, config: ConfigReader): Promise<CheckpointWriting> {
  const generation = await readGenerationFile(folder, config);
  const given = generation ?? noGeneration(config);
  return {
    ...generationIdsOf(given, [config]),
    newTokens: newTokensOf(given, config),
    byCheckpoint: decodingOf([generation ?? config]),
  };
}

/**
 * @param decoder section of config.json that counts after it
 * Throws `model/bad-config`, and `model/unsupported` for an option that is not carried out.
 */
export async function readDecoding(
  folder: string,
  config: ConfigReader,
  decoder?: ConfigReader,
): Promise<CheckpointDecoding> {
  const generation = await readGenerationFile(folder, config);
  if (generation !== undefined) return decodingOf([generation]);
  return decodingOf(decoder === undefined ? [config] : [config, decoder]);
}

/** What the options of `generate` say, each of the first source that has it. Throws as `readDecoding` rejects. */
export function decodingOf(sources: readonly ConfigReader[]): CheckpointDecoding {
  for (const source of sources) refuseUnsupported(source);
  const first = <Value>(key: string, read: (source: ConfigReader) => Value): Value | undefined => {
    const source = sources.find((one) => one.has(key));
    return source === undefined ? undefined : read(source);
  };
  const number = (key: string) => first(key, (source) => source.number(key));
  const id = (key: string) => first(key, (source) => source.id(key));
  const ids = (key: string) => first(key, (source) => source.ids(key));
  const settings: { [Name in keyof CheckpointDecoding['settings']]: DecodingSettings[Name] | undefined } = {
    beams: number('num_beams'),
    lengthPenalty: number('length_penalty'),
    earlyStopping: first('early_stopping', (source) => source.oneOf('early_stopping', [true, false, 'never'] as const)),
    groups: number('num_beam_groups'),
    diversity: number('diversity_penalty'),
    repetitionPenalty: number('repetition_penalty'),
    noRepeatNgram: number('no_repeat_ngram_size'),
    minTokens: number('min_new_tokens'),
    temperature: number('temperature'),
    topK: number('top_k'),
    penaltyAlpha: number('penalty_alpha'),
    topP: number('top_p'),
    minP: number('min_p'),
    typicalP: number('typical_p'),
    suppressed: ids('suppress_tokens'),
    suppressedFirst: ids('begin_suppress_tokens'),
    stop: first('stop_strings', (source) => source.texts('stop_strings')),
  };
  return withoutGaps({
    settings: withoutGaps(settings),
    isSampled: first('do_sample', (source) => source.flag('do_sample', false)) ?? false,
    minLength: number('min_length'),
    forcedFirst: id('forced_bos_token_id'),
    forcedLast: ids('forced_eos_token_id'),
  }) as CheckpointDecoding;
}

function refuseUnsupported(source: ConfigReader): void {
  for (const [key, nothing] of Object.entries(REFUSED)) {
    if (nothing === undefined) source.none(key);
    else source.only(key, nothing);
  }
}
