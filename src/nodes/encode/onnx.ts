/** encode/onnx: any ONNX model with one tensor in. Must not know what the numbers mean. */
import { WeftError } from '../../errors.ts';
import type { OnnxPort } from '../../models/onnx/message.ts';
import type { TensorValue } from '../../protocol/value.ts';
import { defineNode } from '../define.ts';
import { runOnBatchAxis } from '../onnx-batch.ts';
import type { Services } from '../services.ts';
import { inSizeGroups } from '../size-groups.ts';

export default defineNode({
  type: 'encode/onnx',
  version: 1,
  title: 'ONNX model',
  summary: 'Runs any ONNX model on a tensor; inputs and outputs are read from the file.',
  doc: `Feeds the tensor to one input of the model and gives one of its outputs. Names, types and shapes are read from the file and
checked before it runs. Where the model's input has one axis more than the tensor, that is the batch: it is added, and taken away
from the output again; items that arrive together run in one batch where the model leaves its size open.
The output remembers the picture that the input was made from.

Errors: \`model/bad-input\` for another type, rank or size than the model's, \`model/bad-onnx\`, \`model/onnx-outside-folder\`,
\`model/unsupported\` for an output that is not there, \`model/run-failed\`.`,
  params: {
    model: { kind: 'model', families: [], doc: 'An ONNX file, or a model folder that holds one.' },
    input: { kind: 'text', doc: "Name of the model's input; left out: its first.", optional: true, advanced: true },
    output: { kind: 'text', doc: "Name of the model's output; left out: its first.", optional: true, advanced: true },
  },
  inputs: { tensor: { type: { kind: 'Tensor' }, doc: "As the model's input, with or without its batch axis." } },
  outputs: {
    tensor: { type: { kind: 'Tensor' }, doc: 'The chosen output; without the batch axis when that was added.' },
  },
  async run({ params, inputs: { tensor }, context }) {
    const { session, input, output } = await openModel(params, context.services);
    const [result] = await runOnBatchAxis(session, { input, output, tensors: [tensor], signal: context.signal });
    return { tensor: result! };
  },
  async runBatch(calls, params, context) {
    const { session, input, output } = await openModel(params, context.services);
    return inSizeGroups(
      calls.map(({ tensor }) => tensor),
      async (tensors: readonly TensorValue[]) => {
        const results = await runOnBatchAxis(session, { input, output, tensors, signal: context.signal });
        return results.map((tensor) => ({ tensor }));
      },
    );
  },
});

async function openModel(
  params: { readonly model: string; readonly input: string | undefined; readonly output: string | undefined },
  { models, onnx }: Services,
) {
  const { model } = params;
  const session = await onnx.session(await models.onnxFile(model), { model });
  const input = choose(session.inputs, params.input, 'input', model);
  const output = choose(session.outputs, params.output, 'output', model);
  return { session, input, output: output.name };
}

function choose(ports: readonly OnnxPort[], name: string | undefined, what: string, model: string): OnnxPort {
  const port = name === undefined ? ports[0] : ports.find((one) => one.name === name);
  if (port !== undefined) return port;
  const names = ports.map((one) => one.name).join(', ');
  const expected = name === undefined ? `an ${what}` : `an ${what} "${name}" (it has ${names})`;
  throw new WeftError('model/unsupported', { model, expected, received: 'none' });
}
