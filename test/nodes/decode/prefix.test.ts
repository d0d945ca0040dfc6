import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import node from '../../../src/nodes/decode/prefix.ts';
import type { FeaturesValue } from '../../../src/protocol/value.ts';
import { readTensors } from '../../../tools/parity/case-tensors.ts';
import { temporaryFolder } from '../../files/temporary-folder.ts';
import { FIXTURES } from '../../models/families/parity-fixture.ts';
import { writeTinyCheckpoint } from '../../models/tiny-checkpoint.ts';
import { contextWith, filled, runNode } from '../call-node.ts';
import { text } from '../fake-family.ts';
import { blocksIn, itemOf } from '../fuse/fixture-block.ts';

const FIXTURE = join(FIXTURES, 'clipcap_transformer');

/** A checkpoint of ClipCap whose folder describes its language model, as docs/models.md tells to make it. */
async function clipCap(period?: number): Promise<string> {
  const { text_config: config } = JSON.parse(await readFile(join(FIXTURE, 'config.json'), 'utf8'));
  const folder = join(temporaryFolder(), 'clipcap');
  await writeTinyCheckpoint(folder, { fixture: 'clipcap_transformer', config, tokenizer: 'gpt2' });
  if (period !== undefined) await swapPeriod(join(folder, 'tokenizer.json'), period);
  return folder;
}

/** The token of this id becomes the full stop. */
async function swapPeriod(file: string, id: number): Promise<void> {
  const definition = JSON.parse(await readFile(file, 'utf8'));
  const { vocab } = definition.model;
  const [token] = Object.entries(vocab).find(([, one]) => one === id)!;
  definition.model.vocab = { ...vocab, [token]: vocab['.'], '.': id };
  await writeFile(file, JSON.stringify(definition));
}

/** The prefix of a picture, and the tokens that the reference writes behind it: up to and with its stop token, then 0. */
async function reference(item = 0) {
  const outputs = await readTensors(join(FIXTURE, 'outputs.safetensors'));
  const { stop_token: stop } = JSON.parse(await readFile(join(FIXTURE, 'config.json'), 'utf8'));
  const generated = outputs.get('greedy_ids')!;
  const length = generated.shape[1]!;
  const ids = [...(generated.data as Iterable<number | bigint>)].slice(item * length, (item + 1) * length).map(Number);
  const end = ids.indexOf(stop);
  return { prefix: itemOf(outputs.get('prefix_embeds'), item), stop, ids: end < 0 ? ids : ids.slice(0, end + 1) };
}

async function write(folder: string, params: object, inputs: { prefix: FeaturesValue; prompt?: string }) {
  const prompt = inputs.prompt === undefined ? undefined : text(inputs.prompt);
  const given = { model: 'test', prefix: 'gpt.', endsAtPeriod: false, ...params };
  return (await runNode(node, given, { prefix: inputs.prefix, prompt }, blocksIn(folder))).caption.text;
}

/** Token ids as the tiny tokenizer writes them. */
async function textOf(folder: string, ids: readonly number[]): Promise<string> {
  const { model } = JSON.parse(await readFile(join(folder, 'tokenizer.json'), 'utf8'));
  const tokens = new Map(Object.entries(model.vocab as Record<string, number>).map(([token, id]) => [id, token]));
  return ids
    .map((id) => tokens.get(id)!.replaceAll('Ġ', ' '))
    .join('')
    .trim();
}

describe('decode/prefix', () => {
  it('writes what the reference writes behind the same rows, its full stop included', async () => {
    const references = [await reference(0), await reference(1)];
    const { stop } = references[0]!;
    const folder = await clipCap(stop);
    for (const { prefix, ids } of references) {
      const found = await write(folder, { maxTokens: 10, endsAtPeriod: true }, { prefix });
      expect(found).toBe(await textOf(folder, ids));
    }
    expect(references.some(({ ids }) => ids.includes(stop))).toBe(true);
  });

  it('goes on behind a full stop where nobody wants to end there', async () => {
    const { prefix, ids } = await reference();
    const folder = await clipCap(ids[2]!);
    const short = await write(folder, { maxTokens: 6, endsAtPeriod: true }, { prefix });
    const whole = await write(folder, { maxTokens: 6 }, { prefix });
    expect(short).toBe(await textOf(folder, ids.slice(0, ids.indexOf(ids[2]!) + 1)));
    expect(whole).toBe(await textOf(folder, ids.slice(0, 6)));
  });

  it('reads the prompt behind the rows, and does not repeat it', async () => {
    const folder = await clipCap();
    const { prefix } = await reference();
    const alone = await write(folder, { maxTokens: 5 }, { prefix });
    const asked = await write(folder, { maxTokens: 5 }, { prefix, prompt: 'Whats that?' });
    expect(asked).not.toBe(alone);
    expect(asked).not.toContain('that?');
  });

  it('shows what is written, word by word', async () => {
    const folder = await clipCap();
    const { prefix } = await reference();
    const shown: unknown[] = [];
    const context = { ...contextWith(blocksIn(folder)), progress: (...told: unknown[]) => shown.push(told[2]) };
    const params = filled(node, { model: 'test', prefix: 'gpt.', maxTokens: 5, endsAtPeriod: false });
    const { caption } = await node.run!({ params, inputs: { prefix, prompt: undefined }, context });
    expect(shown.length).toBeGreaterThan(1);
    expect(shown.at(-1)).toBe(caption.text);
  });

  it('refuses rows of another width and models that do not go on with texts', async () => {
    const folder = await clipCap();
    const narrow = { kind: 'Features', data: new Float32Array(6), seq: 2, dim: 3 } as const;
    await expect(write(folder, {}, { prefix: narrow })).rejects.toMatchObject({ code: 'run/bad-input' });
    const { prefix } = await reference();
    const other = join(temporaryFolder(), 'other');
    await cp(folder, other, { recursive: true });
    await writeFile(join(other, 'config.json'), JSON.stringify({ model_type: 'clip' }));
    await expect(write(other, {}, { prefix })).rejects.toMatchObject({
      code: 'model/unsupported',
      message: expect.stringContaining('gpt2'),
    });
  });
});
