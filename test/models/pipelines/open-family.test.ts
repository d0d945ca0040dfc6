import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FamilySources } from '../../../src/models/pipelines/family.ts';
import { openFamily } from '../../../src/models/pipelines/open-family.ts';
import { familyOf, modelTypesFor } from '../../../src/models/pipelines/registry.ts';
import { failure, temporaryFolder } from '../../files/temporary-folder.ts';
import { alterCheckpoint } from '../families/altered-checkpoint.ts';
import { FIXTURES } from '../families/parity-fixture.ts';
import { bertFamily } from './bert-family.ts';

const open = (folder: string, seen: FamilySources[] = []) =>
  openFamily(folder, { model: 'owner/name', families: [bertFamily(seen)] });

async function bertFolder(config: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return alterCheckpoint('bert', join(temporaryFolder(), 'model'), { config });
}

const words = { '[UNK]': 0, '[CLS]': 1, '[SEP]': 2, red: 3 };
const tokenizer = (vocab: Readonly<Record<string, number>>) =>
  JSON.stringify({
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', vocab },
  });

describe('openFamily', () => {
  it('hands an open checkpoint, the class and the settings to the family', async () => {
    const seen: FamilySources[] = [];
    const folder = await bertFolder();
    const opened = await openFamily(folder, { model: 'owner/name', precision: 'int8', families: [bertFamily(seen)] });
    expect(opened).toMatchObject({ architecture: 'BertModel', definition: { name: 'bert' }, loaded: { bytes: 1 } });
    expect(seen[0]).toMatchObject({ architecture: 'BertModel', precision: 'int8', checkpoint: { folder } });
  });

  it('takes the first class where config.json names none', async () => {
    const opened = await open(await bertFolder({ architectures: undefined }));
    expect(opened.architecture).toBe('BertModel');
  });

  it('reads tokenizer and image processor when they are asked for, once', async () => {
    const seen: FamilySources[] = [];
    const folder = await bertFolder();
    await open(folder, seen);
    const sources = seen[0]!;
    expect(await failure(sources.imageProcessor())).toMatchObject({ code: 'model/missing-file' });
    await writeFile(join(folder, 'tokenizer.json'), tokenizer(words));
    const first = await sources.tokenizer();
    await rm(join(folder, 'tokenizer.json'));
    expect(await sources.tokenizer()).toBe(first);
    const other: FamilySources[] = [];
    await open(folder, other);
    const processor = { image_processor_type: 'ViTImageProcessor', size: { height: 8, width: 8 } };
    await writeFile(join(folder, 'processor_config.json'), JSON.stringify({ image_processor: processor }));
    expect((await other[0]!.imageProcessor()).fixedSize).toEqual({ width: 8, height: 8 });
  });

  it('refuses a tokenizer of more tokens than the model has, in whatever part it reads texts', async () => {
    for (const config of [{ vocab_size: 3 }, { vocab_size: undefined, text_config: { vocab_size: 3 } }]) {
      const seen: FamilySources[] = [];
      const folder = await bertFolder(config);
      await writeFile(join(folder, 'tokenizer.json'), tokenizer(words));
      await open(folder, seen);
      const thrown = await failure(seen[0]!.tokenizer());
      expect(thrown).toMatchObject({ code: 'model/bad-config', details: { received: '3' } });
      expect(thrown.message).toContain("at least the 4 tokens of the folder's own tokenizer");
    }
    const seen: FamilySources[] = [];
    const folder = await bertFolder({ vocab_size: 3, additional_vocab_size: 1 });
    await writeFile(join(folder, 'tokenizer.json'), tokenizer(words));
    await open(folder, seen);
    expect((await seen[0]!.tokenizer()).size).toBe(4);
  });

  it('names the families there are for one that it does not know, before it looks for weights', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'config.json'), JSON.stringify({ model_type: 'deberta' }));
    const thrown = await failure(open(folder));
    expect(thrown).toMatchObject({ code: 'model/unsupported', details: { received: '"deberta"' } });
    expect(thrown.message).toContain('(bert)');
  });

  it('names the classes there are for one that it does not know', async () => {
    const thrown = await failure(open(await bertFolder({ architectures: ['BertForQuestionAnswering'] })));
    expect(thrown).toMatchObject({ code: 'model/unsupported' });
    expect(thrown.message).toContain('one of BertModel, BertForMaskedLM');
    expect(thrown.message).toContain('BertForQuestionAnswering');
  });

  it('sends a folder that has only pickles to the converter', async () => {
    const folder = join(temporaryFolder(), 'pickles');
    await mkdir(folder);
    await cp(join(FIXTURES, 'bert', 'config.json'), join(folder, 'config.json'));
    const bare = await failure(open(folder));
    expect(bare).toMatchObject({ code: 'model/missing-file' });
    expect(bare.remedy).toContain('Pull the model again');
    await writeFile(join(folder, 'pytorch_model.bin'), 'pickle');
    const thrown = await failure(open(folder));
    expect(thrown).toMatchObject({ code: 'model/missing-file' });
    expect(thrown.remedy).toContain('pytorch_model.bin');
    expect(thrown.remedy).toContain('weft models convert');
  });

  it('tells which shards are missing', async () => {
    const folder = temporaryFolder();
    await cp(join(FIXTURES, 'bert', 'config.json'), join(folder, 'config.json'));
    const index = { weight_map: { 'embeddings.word_embeddings.weight': 'model-00001-of-00002.safetensors' } };
    await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
    const thrown = await failure(open(folder));
    expect(thrown.message).toContain('model-00001-of-00002.safetensors');
  });
});

describe('the registry', () => {
  it('finds a family by model_type, and the model_types of a task', () => {
    const families = [bertFamily(), { ...bertFamily(), name: 'roberta', modelTypes: ['roberta', 'camembert'] }];
    expect(familyOf('camembert', 'owner/name', families).name).toBe('roberta');
    expect(modelTypesFor('fill-mask', families)).toEqual(['bert', 'camembert', 'roberta']);
    expect(modelTypesFor('image-to-text', families)).toEqual([]);
  });
});
