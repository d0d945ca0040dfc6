import { describe, expect, it } from 'vitest';
import texts from '../../../src/nodes/source/texts.ts';
import { failure } from '../../files/temporary-folder.ts';
import { contextWith, emitNode } from '../call-node.ts';

describe('source/texts', () => {
  it('puts every text into every template and keeps it as the label', async () => {
    const items = await emitNode(texts, { texts: ['cat', 'a $& dog'], templates: ['a {}', '{} or {}'] }, {});
    const made = items.map((item) => ('error' in item ? item.error : item.outputs.text));
    expect(made).toEqual([
      { kind: 'Text', text: 'a cat', label: 'cat' },
      { kind: 'Text', text: 'cat or cat', label: 'cat' },
      { kind: 'Text', text: 'a a $& dog', label: 'a $& dog' },
      { kind: 'Text', text: 'a $& dog or a $& dog', label: 'a $& dog' },
    ]);
    expect(items.map(({ key }) => key)).toEqual(['a cat', 'cat or cat', 'a a $& dog', 'a $& dog or a $& dog']);
  });

  it('uses the texts as they are by default, each with its own fingerprint', async () => {
    const items = await emitNode(texts, { texts: ['cat', 'dog'] }, {});
    expect(items.map(({ key }) => key)).toEqual(['cat', 'dog']);
    const fingerprints = items.map((item) => ('error' in item ? '' : item.fingerprint));
    expect(new Set(fingerprints).size).toBe(2);
    const labelled = await emitNode(texts, { texts: ['a cat'] }, {});
    const templated = await emitNode(texts, { texts: ['cat'], templates: ['a {}'] }, {});
    expect(labelled[0]).not.toMatchObject({ fingerprint: (templated[0] as { fingerprint: string }).fingerprint });
  });

  it('refuses templates without a place and empty texts', async () => {
    const template = failure(emitNode(texts, { texts: ['cat'], templates: ['a photo'] }, {}));
    expect(await template).toMatchObject({ code: 'run/bad-parameter', details: { param: 'templates' } });
    const empty = failure(emitNode(texts, { texts: ['cat', ' '] }, {}));
    expect(await empty).toMatchObject({ code: 'run/bad-parameter', details: { param: 'texts' } });
  });

  it('gives no text at all when one is empty: a head would take the others for all', async () => {
    const call = { params: { texts: ['cat', ''], templates: ['{}'] }, inputs: {}, context: contextWith() };
    const first = texts.emit!(call)[Symbol.asyncIterator]().next();
    await expect(first).rejects.toMatchObject({ code: 'run/bad-parameter' });
  });
});
