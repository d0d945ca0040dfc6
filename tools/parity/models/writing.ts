/** Which family of models that write is run by what. */
import type { FamilyRunner } from '../outcome.ts';
import { runBlip } from './blip.ts';
import { runBlip2 } from './blip2.ts';
import { runDecoding } from './decoding.ts';
import { runGit } from './git.ts';
import { runIdefics } from './idefics.ts';
import { runGpt2, runLlama, runOpt } from './language.ts';
import { runLlava } from './llava.ts';
import { runVisionEncoderDecoder } from './vision-encoder-decoder.ts';

export const WRITING_FAMILIES: readonly (readonly [string, FamilyRunner])[] = [
  ['gpt2', runGpt2],
  ['opt', runOpt],
  ['llama', runLlama],
  ['llava', runLlava],
  ['blip', runBlip],
  ['blip2', runBlip2],
  ['git', runGit],
  ['idefics', runIdefics],
  ['decoding', runDecoding],
  ['trocr', runVisionEncoderDecoder],
  ['vision_encoder_decoder', runVisionEncoderDecoder],
];
