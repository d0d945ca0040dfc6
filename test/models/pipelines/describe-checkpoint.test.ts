import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeCheckpoint } from '../../../src/models/pipelines/describe-checkpoint.ts';
import type { ModelInfo } from '../../../src/protocol/model-info.ts';
import { temporaryFolder } from '../../files/temporary-folder.ts';
import { f32, storeTensors } from '../../native/safetensors-bytes.ts';
import { FIXTURES } from '../families/parity-fixture.ts';
import { bertFamily } from './bert-family.ts';
import { toOnnxFolder } from './onnx-folder.ts';
import { taskFolder } from './task-folder.ts';

const info: ModelInfo = { ref: 'a/b', family: 'bert', source: 'hub', bytes: 1, hash: 'x' };
const describeIn = (folder: string, given = info) =>
  describeCheckpoint({ info: async () => given, folder: async () => folder }, 'a/b', [bertFamily()]);

describe('describeCheckpoint', () => {
  it('counts numbers, and memory by precision', async () => {
    const folder = temporaryFolder();
    await cp(join(FIXTURES, 'bert/config.json'), join(folder, 'config.json'));
    const ids = { dtype: 'I64', shape: [1], bytes: new Uint8Array(8) };
    const tensors = { matrix: f32([2, 3], new Array(6).fill(1)), vector: f32([5], new Array(5).fill(1)), ids };
    await writeFile(join(folder, 'model.safetensors'), storeTensors(tensors));
    expect(await describeIn(folder)).toMatchObject({
      ref: 'a/b',
      checkpoint: {
        title: 'BERT',
        architecture: 'BertModel',
        tasks: ['text-feature-extraction'],
        parameters: 11,
        memory: { fp32: 44, bf16: 20 + 12, int8: 20 + 6 + 8 },
        graph: 'bert-texts',
      },
    });
  });

  it('tells of the ONNX files that it runs from where there are no safetensors', async () => {
    const folder = await toOnnxFolder(await taskFolder('owlvit_options', { words: { '[CLS]': 0, '[SEP]': 1 } }));
    const { checkpoint } = await describeCheckpoint({ info: async () => info, folder: async () => folder }, 'a/b');
    expect(checkpoint).toMatchObject({
      title: 'OWL-ViT',
      tasks: ['zero-shot-object-detection'],
      onnx: ['onnx/model.onnx'],
    });
    expect(checkpoint?.memory).toBeUndefined();
  });

  it('tells what keeps it from being loaded', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'config.json'), '{ "model_type": "deberta" }');
    const unknown = await describeIn(folder);
    expect(unknown.checkpoint).toBeUndefined();
    expect(unknown.problem).toContain('"deberta"');
    await cp(join(FIXTURES, 'bert/config.json'), join(folder, 'config.json'));
    expect((await describeIn(folder)).problem).toContain('model.safetensors');
    await rm(join(folder, 'config.json'));
    const onnx = { ...info, family: 'onnx' };
    expect(await describeIn(folder, onnx)).toEqual(onnx);
  });
});
