/** Cases of families trocr and vision_encoder_decoder: the encoder's rows, the decoder's states and logits, greedy texts. */
import { readStartedGeneration } from '../../../src/models/decoding/generation-config.ts';
import { languageSteps } from '../../../src/models/decoding/language-steps.ts';
import { PictureWriter } from '../../../src/models/families/picture-writer.ts';
import { SwinTower } from '../../../src/models/families/swin-tower.ts';
import { visionEncoderDecoder } from '../../../src/models/families/vision-encoder-decoder.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { type Answers, compareOutputs } from './compare-outputs.ts';
import { arrayOf, picturesOf } from './encoder-answers.ts';
import { generatedAnswer } from './generated-answer.ts';
import { type ModelCase, openModelCase } from './model-case.ts';
import { once } from './once.ts';
import { tokenRows } from './token-rows.ts';

export async function* runVisionEncoderDecoder(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const opened = await openWriters(model, options);
  yield* compareOutputs(model, writerAnswers(model, opened), options);
  opened.reader.release();
  opened.writer.release();
}

type Opened = Awaited<ReturnType<typeof openWriters>>;

/** Both share their packed weights: logits of every token, and those of the last. */
function openWriters({ folder, name }: ModelCase, options: RunnerOptions) {
  return fromCheckpoint(folder, { model: name }, async (checkpoint) => ({
    reader: await PictureWriter.build(await visionEncoderDecoder(checkpoint, 'all'), options),
    writer: await PictureWriter.build(await visionEncoderDecoder(checkpoint, 'last'), options),
    generation: await readStartedGeneration(folder, checkpoint.config, checkpoint.config.section('decoder')),
  }));
}

const upTo = (layers: number) => Array.from({ length: layers + 1 }, (_, state) => state);

function writerAnswers(model: ModelCase, { reader, writer, generation }: Opened): Answers {
  const { encoder, decoder } = reader;
  const encoderLayers = encoder instanceof SwinTower ? encoder.layers : encoder.stack.layers;
  const decoderLayers = decoder.stack.layers;
  const seen = once(() => reader.see(picturesOf(model, '')!, { returnHidden: upTo(encoderLayers) }));
  const memory = once(async () => [{ rows: await reader.memory((await seen()).hidden!) }]);
  const read = once(async () => {
    const { ids, mask, batch } = tokenRows(model, 'decoder_input_ids', 'decoder_attention_mask');
    const input = { ids: ids.flat(), batch, mask: mask.flat() };
    return decoder.read(input, { memory: await memory(), returnHidden: upTo(decoderLayers) });
  });
  return async (output) => {
    const [, part, state] = /^(encoder|decoder)_hidden_(\d+)$/.exec(output) ?? [];
    if (part === 'encoder') return arrayOf((await seen()).hiddenStates[Number(state)]);
    if (part === 'decoder' && Number(state) < decoderLayers) return arrayOf((await read()).hiddenStates[Number(state)]);
    // transformers counts what comes after the decoder's last norm as its last hidden state.
    if (output === 'decoder_last' || part === 'decoder') return arrayOf((await read()).hidden);
    if (output === 'encoder_last') return arrayOf((await seen()).hidden);
    if (output === 'encoder_projected') return arrayOf((await memory())[0]!.rows);
    if (output === 'logits') return arrayOf((await read()).head);
    return generatedAnswer(model, output, async () => {
      const [{ rows }] = (await memory()) as [{ rows: NonNullable<Awaited<ReturnType<typeof seen>>['hidden']> }];
      const [batch = 1] = rows.shape;
      const prompts = Array.from({ length: batch }, () => [generation.startId]);
      return { steps: languageSteps(writer.decoder, { batch, memory: [{ rows }] }), prompts, ids: generation };
    });
  };
}
