/**
 * The definition of a tokenizer from the files that repositories published before tokenizer.json: a vocabulary (with its
 * merges), and what the class of the tokenizer knows about splitting and special tokens. Pure: opens no file.
 * Sources: Devlin et al., BERT (2018), for WordPiece; Radford et al., Language Models are Unsupervised Multitask Learners
 * (2019), for byte-level pairs; Radford et al., CLIP (2021), for pairs that end at words.
 */
import { WeftError } from '../errors.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** What the class of a tokenizer decides. */
export type OlderKind = 'bert' | 'gpt2' | 'roberta' | 'clip';

export interface OlderFiles {
  /** Lines of vocab.txt, or the object of vocab.json. */
  readonly vocabulary: string | JsonObject;
  /** Text of merges.txt. */
  readonly merges?: string | undefined;
  /** Tokens that were added later, with their ids: added_tokens.json. */
  readonly added?: JsonObject | undefined;
  /** special_tokens_map.json under tokenizer_config.json. */
  readonly settings: JsonObject;
}

const CLASSES: readonly (readonly [RegExp, OlderKind])[] = [
  [/^(?:Bert|DistilBert|Lxmert|Electra|MobileBert|ConvBert|SqueezeBert)Tokenizer(?:Fast)?$/, 'bert'],
  [/^GPT2Tokenizer(?:Fast)?$/, 'gpt2'],
  [/^(?:Roberta|Bart|Longformer)Tokenizer(?:Fast)?$/, 'roberta'],
  [/^CLIPTokenizer(?:Fast)?$/, 'clip'],
];

/** For repositories that do not name the class: what transformers takes for the `model_type` of config.json. */
const BY_MODEL_TYPE: Readonly<Record<string, OlderKind>> = {
  bert: 'bert',
  distilbert: 'bert',
  lxmert: 'bert',
  vilt: 'bert',
  visual_bert: 'bert',
  gpt2: 'gpt2',
  roberta: 'roberta',
  bridgetower: 'roberta',
  clip: 'clip',
  clipseg: 'clip',
  groupvit: 'clip',
  owlv2: 'clip',
  owlvit: 'clip',
  xclip: 'clip',
};

/** Undefined for a class that is not known here. */
export function olderKind(tokenizerClass: unknown, modelType: unknown): OlderKind | undefined {
  if (typeof tokenizerClass === 'string') return CLASSES.find(([pattern]) => pattern.test(tokenizerClass))?.[1];
  return typeof modelType === 'string' && Object.hasOwn(BY_MODEL_TYPE, modelType)
    ? BY_MODEL_TYPE[modelType]
    : undefined;
}

const SPECIAL = {
  bert: { pad_token: '[PAD]', unk_token: '[UNK]', cls_token: '[CLS]', sep_token: '[SEP]', mask_token: '[MASK]' },
  gpt2: { unk_token: '<|endoftext|>', bos_token: '<|endoftext|>', eos_token: '<|endoftext|>' },
  roberta: {
    bos_token: '<s>',
    eos_token: '</s>',
    unk_token: '<unk>',
    pad_token: '<pad>',
    cls_token: '<s>',
    sep_token: '</s>',
    mask_token: '<mask>',
  },
  clip: {
    unk_token: '<|endoftext|>',
    bos_token: '<|startoftext|>',
    eos_token: '<|endoftext|>',
    pad_token: '<|endoftext|>',
  },
} as const satisfies Record<OlderKind, Record<string, string>>;

/** CLIP takes a text apart into its own tokens, endings, words, single digits and everything else. */
const CLIP_PARTS =
  "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

/**
 * What tokenizer.json would say, and tokenizer_config.json with the tokens that the class sets.
 * Throws `model/bad-config` for a vocabulary that lacks the tokens every text needs.
 */
export function olderDefinition(
  kind: OlderKind,
  { vocabulary, merges, added = {}, settings }: OlderFiles,
  model: string,
): { definition: JsonObject; settings: JsonObject } {
  const vocab = typeof vocabulary === 'string' ? idsByLine(vocabulary) : vocabulary;
  const tokens = specialTokens(kind, settings);
  const idOf = (token: string): number | undefined => numberOf(vocab, token) ?? numberOf(added, token);
  const pair = (name: string): readonly [string, number] => {
    const { content } = tokens[name]!;
    const id = idOf(content);
    if (id !== undefined) return [content, id];
    const file = typeof vocabulary === 'string' ? 'vocab.txt' : 'vocab.json';
    throw new WeftError('model/bad-config', { model, file, expected: `the ${name} "${content}"`, received: 'none' });
  };
  const special = new Map(Object.values(tokens).map((token) => [token.content, token] as const));
  const addedTokens = [...new Set([...special.keys(), ...Object.keys(added)])].flatMap((content) => {
    const id = idOf(content);
    const { lstrip = false, rstrip = false } = special.get(content) ?? {};
    const flags = { single_word: false, normalized: false, lstrip, rstrip, special: special.has(content) };
    return id === undefined ? [] : [{ id, content, ...flags }];
  });
  const parts =
    kind === 'bert'
      ? wordPieces(vocab, tokens.unk_token!.content, settings, pair)
      : bytePairs(kind, vocab, merges ?? '', settings, pair);
  return {
    definition: { version: '1.0', truncation: null, padding: null, added_tokens: addedTokens, ...parts },
    settings: {
      ...Object.fromEntries(Object.entries(tokens).map(([name, { content }]) => [name, content])),
      ...settings,
    },
  };
}

type Pair = (name: string) => readonly [string, number];

function wordPieces(vocab: JsonObject, unknown: string, settings: JsonObject, pair: Pair): JsonObject {
  const [first, last] = [pair('cls_token'), pair('sep_token')];
  const at = (id: string, segment: number) => ({ SpecialToken: { id, type_id: segment } });
  const text = (id: string, segment: number) => ({ Sequence: { id, type_id: segment } });
  return {
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: settings.tokenize_chinese_chars !== false,
      strip_accents: typeof settings.strip_accents === 'boolean' ? settings.strip_accents : null,
      lowercase: settings.do_lower_case !== false,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [at(first[0], 0), text('A', 0), at(last[0], 0)],
      pair: [at(first[0], 0), text('A', 0), at(last[0], 0), text('B', 1), at(last[0], 1)],
      special_tokens: Object.fromEntries(
        [first, last].map(([token, id]) => [token, { id: token, ids: [id], tokens: [token] }]),
      ),
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: unknown,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  };
}

function bytePairs(
  kind: Exclude<OlderKind, 'bert'>,
  vocab: JsonObject,
  merges: string,
  settings: JsonObject,
  pair: Pair,
): JsonObject {
  const prefix = settings.add_prefix_space === true;
  const bytes = { type: 'ByteLevel', add_prefix_space: prefix, trim_offsets: true, use_regex: true };
  const model = {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: '',
    end_of_word_suffix: '',
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab,
    merges: mergeLines(merges),
  };
  const decoder = { ...bytes, add_prefix_space: true };
  if (kind === 'clip') {
    return {
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'NFC' },
          { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
          { type: 'Lowercase' },
        ],
      },
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: CLIP_PARTS }, behavior: 'Removed', invert: true },
          { ...bytes, add_prefix_space: false },
        ],
      },
      post_processor: around(pair('bos_token'), pair('eos_token'), false),
      decoder,
      model: { ...model, unk_token: pair('unk_token')[0], end_of_word_suffix: '</w>' },
    };
  }
  const bare = { normalizer: null, pre_tokenizer: bytes, decoder, model };
  if (kind === 'roberta') return { ...bare, post_processor: around(pair('cls_token'), pair('sep_token'), prefix) };
  // OPT's files are GPT-2's with a token before every text.
  if (settings.add_bos_token !== true) return { ...bare, post_processor: { type: 'ByteLevel', trim_offsets: false } };
  const [token, id] = pair('bos_token');
  return {
    ...bare,
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: token, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [
        { SpecialToken: { id: token, type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: token, type_id: 1 } },
        { Sequence: { id: 'B', type_id: 1 } },
      ],
      special_tokens: { [token]: { id: token, ids: [id], tokens: [token] } },
    },
  };
}

function around(first: readonly [string, number], last: readonly [string, number], prefix: boolean): JsonObject {
  return { type: 'RobertaProcessing', cls: first, sep: last, trim_offsets: true, add_prefix_space: prefix };
}

interface SpecialToken {
  readonly content: string;
  /** It takes the spaces on its left or right along. */
  readonly lstrip?: boolean;
  readonly rstrip?: boolean;
}

/** By role; what the files say goes before what the class says. A role that a file sets to null is taken out. */
function specialTokens(kind: OlderKind, settings: JsonObject): Readonly<Record<string, SpecialToken>> {
  const usual: Readonly<Record<string, string>> = SPECIAL[kind];
  const roles = Object.keys({ ...SPECIAL.roberta, ...usual });
  const found = roles.flatMap((role): readonly (readonly [string, SpecialToken])[] => {
    const written = settings[role];
    if (typeof written === 'string') return [[role, { content: written, ...stripped(role, kind) }]];
    const { content } = (written ?? {}) as { content?: unknown };
    if (typeof content === 'string') return [[role, { ...(written as SpecialToken), content }]];
    const fallback = usual[role];
    return fallback === undefined ? [] : [[role, { content: fallback, ...stripped(role, kind) }]];
  });
  return Object.fromEntries(found);
}

/** RoBERTa's mask stands for a word with the space before it. */
function stripped(role: string, kind: OlderKind): Pick<SpecialToken, 'lstrip'> {
  return kind === 'roberta' && role === 'mask_token' ? { lstrip: true } : {};
}

function idsByLine(text: string): JsonObject {
  const lines = text.replace(/\r\n/g, '\n').replace(/\n$/, '').split('\n');
  return Object.fromEntries(lines.map((token, id) => [token, id]));
}

function mergeLines(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#version'));
}

function numberOf(ids: JsonObject, token: string): number | undefined {
  const id = Object.hasOwn(ids, token) ? ids[token] : undefined;
  return typeof id === 'number' ? id : undefined;
}
