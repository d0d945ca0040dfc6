import { describe, expect, it } from 'vitest';
import { EXIT, WeftError } from '../../../src/errors.ts';
import { exampleDetails, exampleModel, fakeDetails } from '../../server/fake-application.ts';
import { weft } from '../captured-run.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const cwd = folder.path;
const words = { words: { type: 'source/words' } };
folder.write('good.json', { weft: 1, name: 'good', outputs: { word: ['words', 'word'] }, nodes: words });
folder.write('bad.json', { weft: 1, name: 'bad', outputs: { word: ['words', 'wrod'] }, nodes: words });

describe('weft validate', () => {
  it('says ok, or every error, and the exit code of the first bad graph', async () => {
    const good = await weft(['validate', 'good.json'], { cwd });
    expect(good).toMatchObject({ code: EXIT.ok, out: 'ok good.json\n', err: '' });
    const mixed = await weft(['validate', 'good.json', 'bad.json', 'missing.json'], { cwd });
    expect([mixed.code, mixed.out]).toEqual([EXIT.graph, 'ok good.json\n']);
    expect(mixed.err).toMatch(
      /bad\.json\nerror graph\/invalid[\s\S]*graph\/unknown-output[\s\S]*missing\.json\nerror input\/not-found/,
    );
    expect((await weft(['validate', 'missing.json'], { cwd })).code).toBe(EXIT.input);
  });

  it('gives the errors as JSON', async () => {
    const { code, out, err } = await weft(['validate', 'good.json', 'bad.json', '--json'], { cwd });
    expect([code, err]).toEqual([EXIT.graph, '']);
    expect(JSON.parse(out)).toMatchObject([
      { graph: 'good.json', errors: [] },
      { graph: 'bad.json', errors: [{ code: 'graph/unknown-output', remedy: expect.any(String) }] },
    ]);
  });
});

describe('weft nodes', () => {
  it('lists types by family', async () => {
    const { code, out } = await weft(['nodes']);
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(/^source\n {2}source\/words +For tests only\.\n/);
    expect(out).toContain('\n\nhead\n  head/score');
  });

  it('describes one', async () => {
    const { out } = await weft(['nodes', 'head/score']);
    expect(out).toMatchInlineSnapshot(`
      "head/score  Tiny  version 1
      For tests only.

      For tests only.

      inputs
        word  Text
            A word.

      outputs
        scores  Scores
            Scores.

      parameters
        labels  a list of texts (default: a cat, a dog, a very small bird)
            Labels.
      "
    `);
  });

  it('gives descriptors as JSON', async () => {
    expect(JSON.parse((await weft(['nodes', '--json'])).out)).toHaveLength(7);
    expect(JSON.parse((await weft(['nodes', 'head/score', '--json'])).out)).toMatchObject({ type: 'head/score' });
  });

  it('suggests a type for a wrong one', async () => {
    const { code, err } = await weft(['nodes', 'score']);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain('did you mean head/score?');
  });
});

describe('weft models', () => {
  const pull = async () => ({ folder: 'cache/example', files: 1, bytes: 2048 });
  const models = {
    list: async () => [exampleModel],
    info: async () => exampleModel,
    details: fakeDetails,
    pull,
  };

  it('lists what is here', async () => {
    const { code, out } = await weft(['models', 'list'], { application: { models } });
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(/zoo\/example +clip +zoo +1\.2 MB +64/);
    const none = await weft(['models', 'list'], { application: { models: { ...models, list: async () => [] } } });
    expect(none.out).toContain('weft models pull');
  });

  it('describes one, or says that it is not here', async () => {
    const { out } = await weft(['models', 'info', 'zoo/example'], { application: { models } });
    expect(out).toMatch(/^family +CLIP \(clip\)$/m);
    expect(out).toMatch(/^class +CLIPModel$/m);
    expect(out).toMatch(/^tasks +zero-shot-image-classification,/m);
    expect(out).toContain('151 million numbers; in memory fp32 605 MB, bf16 303 MB, int8 152 MB');
    expect(out).toContain('weft run graphs/clip-zero-shot.json --set model=zoo/example');
    expect(out).toMatch(/^picture +32 x 32$/m);
    expect(out).toContain(exampleModel.hash);
    const { checkpoint: _, ...bare } = exampleDetails;
    const details = async () => ({ ...bare, family: 'deberta', problem: 'Expected another family.' });
    const other = await weft(['models', 'info', 'x/y'], { application: { models: { ...models, details } } });
    expect(other.out).toMatch(/^family +deberta$/m);
    expect(other.out).toMatch(/^problem +Expected another family\.$/m);
    expect(other.out).not.toContain('graph');
    const json = await weft(['models', 'info', 'zoo/example', '--json'], { application: { models } });
    expect(JSON.parse(json.out)).toEqual(exampleDetails);
    const missing = await weft(['models', 'info', 'zoo/none'], { application: { models } });
    expect([missing.code, missing.out]).toEqual([EXIT.model, '']);
    const asJson = await weft(['models', 'info', 'zoo/none', '--json'], { application: { models } });
    expect(JSON.parse(asJson.out)).toMatchObject({ error: { code: 'model/not-found' } });
    expect(missing.err).toContain('weft models pull zoo/none');
  });

  it('pulls with revision, files, progress and an end by Ctrl-C', async () => {
    const seen: unknown[] = [];
    const controller = new AbortController();
    const watched: typeof pull = (async (
      repo: string,
      options: { signal: AbortSignal; onProgress(news: object): void },
    ) => {
      const { signal, onProgress, ...rest } = options;
      seen.push(repo, rest, signal === controller.signal);
      onProgress({ file: 'model.safetensors', fileIndex: 1, fileCount: 3, bytesDone: 500_000, bytesTotal: 2_000_000 });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return pull();
    }) as typeof pull;
    const { code, out, err } = await weft(
      ['models', 'pull', 'owner/name', '--revision', 'main', '--file', 'a.json', '--file', 'b.json'],
      { application: { models: { ...models, pull: watched } }, signal: controller.signal, columns: 100 },
    );
    expect(code).toBe(EXIT.ok);
    expect(seen).toEqual(['owner/name', { revision: 'main', files: ['a.json', 'b.json'] }, true]);
    expect(out).toBe('owner/name: 1 file, 2.0 kB, in cache/example\n');
    expect(err).toContain('500 kB of 2.0 MB 2/3 model.safetensors');
  });

  it('tells a failed download', async () => {
    const details = { file: 'a.bin', model: 'owner/name', reason: 'the connection broke' };
    const failing = { ...models, pull: () => Promise.reject(new WeftError('model/download-failed', details)) };
    const { code, err } = await weft(['models', 'pull', 'owner/name'], { application: { models: failing } });
    expect(code).toBe(EXIT.model);
    expect(err).toContain('the connection broke');
  });
});
