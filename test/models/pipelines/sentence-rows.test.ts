import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failure } from '../../files/temporary-folder.ts';
import { openTasks, WORDS } from './fusion-words.ts';
import { taskFolder } from './task-folder.ts';

const TEXTS = ['a red dog', 'the cat sees a red dog', 'cat'];
const [WIDTH, TOLERANCE] = [24, 5];
const { sqrt } = Math;

/** A tiny BertModel with these files of sentence-transformers beside it. */
async function folderWith(files: Readonly<Record<string, unknown>> = {}, fixture = 'bert_options') {
  const folder = await taskFolder(fixture, { words: WORDS });
  await mkdir(join(folder, '1_Pooling'), { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), JSON.stringify(content));
  return folder;
}

const modules = (...names: readonly string[]) =>
  names.map((name, idx) => ({ idx, name: `${idx}`, path: name, type: `sentence_transformers.models.${name}` }));

/** Embeddings with these files, and the rows of every text's tokens. */
async function embed(files: Readonly<Record<string, unknown>> = {}, texts = TEXTS, fixture?: string) {
  const { tasks, features, embedding, release } = await openTasks(await folderWith(files, fixture));
  const rows = (await tasks['text-feature-extraction']({ texts })) as Float32Array[];
  const tokens: number[][][] = [];
  for (const text of texts) {
    const { seq, dim, data } = (await features!.text!(text)).features;
    tokens.push(Array.from({ length: seq }, (_, row) => [...data.slice(row * dim, (row + 1) * dim)]));
  }
  release();
  return { rows, tokens, embedding };
}

function expectRows(rows: readonly Float32Array[], expected: readonly (readonly number[])[]) {
  expect(rows.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  for (const [index, row] of rows.entries()) {
    expect([...row]).toEqual(expected[index]!.map((value) => expect.closeTo(value, TOLERANCE)));
  }
}

const sumOf = (tokens: readonly number[][]) =>
  tokens[0]!.map((_, column) => tokens.reduce((all, row) => all + row[column]!, 0));
const scaled = (row: readonly number[], by: number) => row.map((value) => value * by);

describe('one row for a text', () => {
  it('is the mean over its tokens without padding where the folder says nothing', async () => {
    const { rows, tokens, embedding } = await embed();
    expect(tokens.map((one) => one.length)).toEqual([5, 8, 3]);
    expect(embedding).toEqual({ dim: WIDTH });
    expectRows(
      rows,
      tokens.map((one) => scaled(sumOf(one), 1 / one.length)),
    );
  });

  it.each(['distilbert_model', 'bert_masked', 'distilbert_masked'])('%s gives it too', async (fixture) => {
    const { rows, tokens } = await embed({}, TEXTS, fixture);
    expectRows(
      rows,
      tokens.map((one) => scaled(sumOf(one), 1 / one.length)),
    );
  });

  it('is pooled as 1_Pooling says, several ways side by side', async () => {
    const cls = await embed({
      '1_Pooling/config.json': { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false },
    });
    expectRows(
      cls.rows,
      cls.tokens.map((one) => one[0]!),
    );
    const last = await embed({ '1_Pooling/config.json': { pooling_mode: 'lasttoken' } });
    expectRows(
      last.rows,
      last.tokens.map((one) => one.at(-1)!),
    );
    const flags = { pooling_mode_mean_sqrt_len_tokens: true, pooling_mode_mean_tokens: true };
    const both = await embed({ '1_Pooling/config.json': flags });
    expect(both.embedding).toEqual({ dim: 2 * WIDTH });
    const beside = (one: number[][]) => [1 / one.length, 1 / sqrt(one.length)].flatMap((by) => scaled(sumOf(one), by));
    expectRows(both.rows, both.tokens.map(beside));
  });

  it('has length one where modules.json ends so', async () => {
    const plain = await embed({ 'modules.json': modules('Transformer', 'Pooling') });
    const { rows } = await embed({ 'modules.json': modules('Transformer', 'Pooling', 'Normalize') });
    const unit = (row: Float32Array) => scaled([...row], 1 / sqrt(row.reduce((sum, value) => sum + value * value, 0)));
    expect(unit(plain.rows[0]!)[0]).not.toBeCloseTo(plain.rows[0]![0]!, 3);
    expectRows(rows, plain.rows.map(unit));
  });

  it('is of texts that are cut, written small and begun as the folder says', async () => {
    const { rows } = await embed({ 'sentence_bert_config.json': { max_seq_length: 4, do_lower_case: true } }, [
      'A RED dog sees',
    ]);
    const cut = await embed({}, ['a red']);
    expectRows(
      rows,
      cut.rows.map((row) => [...row]),
    );
    const prompts = { prompts: { query: 'the ', other: 'a ' }, default_prompt_name: 'query' };
    const begun = await embed({ 'config_sentence_transformers.json': prompts }, ['cat']);
    const whole = await embed({}, ['the cat']);
    expectRows(
      begun.rows,
      whole.rows.map((row) => [...row]),
    );
  });

  it('refuses what it does not carry out, by name', async () => {
    const told = async (files: Readonly<Record<string, unknown>>) => {
      const { code, message } = await failure(openTasks(await folderWith(files)));
      return `${code}: ${message}`;
    };
    expect(await told({ '1_Pooling/config.json': { pooling_mode_max_tokens: true } })).toMatch(
      /^model\/unsupported: .*"pooling_mode" of 1_Pooling\/config.json.*"max"/,
    );
    expect(await told({ 'modules.json': modules('Transformer', 'Pooling', 'Dense') })).toMatch(
      /^model\/unsupported: .*Dense/,
    );
    expect(await told({ 'modules.json': { type: 'Transformer' } })).toMatch(/^model\/bad-config: .*a JSON array/);
    expect(await told({ 'modules.json': [1] })).toMatch(/^model\/bad-config: .*"type"/);
    expect(await told({ '1_Pooling/config.json': { include_prompt: false } })).toContain('include_prompt');
    const named = { prompts: {}, default_prompt_name: 'query' };
    expect(await told({ 'config_sentence_transformers.json': named })).toMatch(/^model\/bad-config: .*prompts.query/);
  });
});
