/** Cases of family visualgpt: the block under the gate of the paper and under that of the code. */
import { visualGpt } from '../../../src/models/families/visualgpt.ts';
import { VisualGptBlock } from '../../../src/models/families/visualgpt-block.ts';
import { fromCheckpoint } from '../../../src/models/towers/checkpoint.ts';
import { concat, reshape } from '../../../src/native/arrange.ts';
import { Tensor } from '../../../src/native/tensor.ts';
import type { CaseFolder, Outcome, RunnerOptions } from '../outcome.ts';
import { blockAnswers } from './block-answers.ts';
import { numbersOfCase, tensorOfCase } from './case-tensor.ts';
import { compareOutputs } from './compare-outputs.ts';
import { openModelCase } from './model-case.ts';

export async function* runVisualgpt(folder: CaseFolder, options: RunnerOptions): AsyncIterable<Outcome> {
  const model = await openModelCase(folder);
  const block = await fromCheckpoint(model.folder, { model: model.name }, (checkpoint) =>
    VisualGptBlock.build(visualGpt(checkpoint), options),
  );
  const answers = blockAnswers(async () => {
    const input = {
      hidden: tensorOfCase(model, 'hidden'),
      mask: numbersOfCase(model, 'text_mask'),
      levels: levelsOf(tensorOfCase(model, 'encoder')),
      levelsMask: numbersOfCase(model, 'encoder_mask'),
    };
    const paper = await block.runPaper(input);
    const code = await block.runCode(input);
    const [batch = 0, length = 0, width = 0] = input.hidden.shape;
    const shares = code.shares.map((share) => reshape(share, [batch, length, 1, width]));
    return {
      self_attention: paper.selfAttention,
      paper_gate_visual: paper.visualGate,
      paper_gate_language: paper.languageGate,
      paper_cross: paper.crossed[0],
      paper_output: paper.output,
      code_alpha: await concat(shares, 2),
      code_output: code.output,
    };
  });
  yield* compareOutputs(model, answers, options);
  block.release();
}

/** [batch, levels, boxes, width] as rows of each level. */
function levelsOf(encoder: Tensor): Tensor[] {
  const [batch = 0, levels = 0, boxes = 0, width = 0] = encoder.shape;
  const numbers = encoder.toFloats();
  const size = boxes * width;
  return Array.from({ length: levels }, (_, level) => {
    const rows = new Float32Array(batch * size);
    for (let item = 0; item < batch; item += 1) {
      const start = (item * levels + level) * size;
      rows.set(numbers.subarray(start, start + size), item * size);
    }
    return Tensor.from(rows, [batch, boxes, width]);
  });
}
