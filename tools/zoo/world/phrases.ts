/**
 * Claims in words: varied grammar, drawn from a style stream so that a claim and its distractor read alike.
 * Each word may reveal facts, so that a caption cut short still says what it has claimed so far.
 * Must not judge truth (claims.ts).
 */
import type { Claim, Mention } from './claims.ts';
import type { Random } from './random.ts';
import type { Place, Relation, Texture } from './vocabulary.ts';

/** `attribute` of mention number `mention` has been said; mention -1 is the background. */
export interface Fact {
  readonly mention: number;
  readonly attribute: 'shape' | 'colour' | 'size' | 'texture' | 'count' | 'background' | 'tone';
  readonly value: string | number;
}

export interface Word {
  readonly text: string;
  readonly facts: readonly Fact[];
}

/** A sentence as its words; `text` joins them with spaces. */
export interface Phrase {
  readonly words: readonly Word[];
  readonly text: string;
}

export const numberWords = ['no', 'one', 'two', 'three', 'four', 'five', 'six'] as const;

const sizeWords = { small: ['small', 'little'], medium: ['medium'], large: ['large', 'big'] } as const;
const textureTails: Record<Texture, string> = {
  plain: 'without a pattern',
  striped: 'with stripes',
  dotted: 'with dots',
  checkered: 'with checks',
};
const leadIns = ['', '', '', 'a photo of', 'a picture of', 'a drawing of', 'an image of', 'a scene with', 'there is'];
const relationWords: Record<Relation, readonly string[]> = {
  'left of': ['left of', 'to the left of'],
  'right of': ['right of', 'to the right of'],
  above: ['above'],
  below: ['below', 'under'],
};

function plainWords(text: string): Word[] {
  return text === '' ? [] : text.split(' ').map((word) => ({ text: word, facts: [] }));
}

function placePhrase(place: Place): string {
  if (place === 'top' || place === 'bottom') return `at the ${place}`;
  return place === 'left' || place === 'right' ? `on the ${place}` : `in the ${place}`;
}

function plural(shape: string): string {
  return shape.endsWith('s') ? `${shape}es` : `${shape}s`;
}

/** Puts a mark such as a comma behind the last word. */
function withMark(words: readonly Word[], mark: string): Word[] {
  const last = words.at(-1);
  return last === undefined ? [] : [...words.slice(0, -1), { ...last, text: last.text + mark }];
}

/** The noun phrase of a mention. The number of style draws never depends on the values, only on which are named. */
function nounPhrase(mention: Mention, index: number, style: Random): Word[] {
  const said = (attribute: Fact['attribute'], value: string | number): Fact[] => [{ mention: index, attribute, value }];
  const words: Word[] = [];
  const synonym = style.integer(2);
  const trailingTexture = style.chance(0.25);
  if (mention.size !== undefined) {
    const options = sizeWords[mention.size];
    words.push({ text: options[synonym % options.length]!, facts: said('size', mention.size) });
  }
  const texture = mention.texture;
  if (texture !== undefined && !trailingTexture) words.push({ text: texture, facts: said('texture', texture) });
  if (mention.colour !== undefined) words.push({ text: mention.colour, facts: said('colour', mention.colour) });
  const noun = mention.shape ?? (synonym === 0 ? 'object' : 'shape');
  words.push({
    text: mention.count > 1 ? plural(noun) : noun,
    facts: mention.shape === undefined ? [] : said('shape', mention.shape),
  });
  if (texture !== undefined && trailingTexture) {
    const tail = plainWords(textureTails[texture]);
    words.push(...tail.slice(0, -1), { text: tail.at(-1)!.text, facts: said('texture', texture) });
  }
  if (mention.place !== undefined) words.push(...plainWords(placePhrase(mention.place)));
  const article = /^[aeiou]/.test(words[0]!.text) ? 'an' : 'a';
  const opening =
    mention.count > 1 ? { text: numberWords[mention.count]!, facts: said('count', mention.count) } : undefined;
  return [opening ?? { text: article, facts: [] }, ...words];
}

function backgroundPhrase(background: NonNullable<Claim['background']>): Word[] {
  const words: Word[] = [];
  if (background.tone !== undefined) {
    words.push({ text: background.tone, facts: [{ mention: -1, attribute: 'tone', value: background.tone }] });
  }
  if (background.kind !== undefined) {
    words.push({ text: background.kind, facts: [{ mention: -1, attribute: 'background', value: background.kind }] });
  }
  return [...plainWords('on a'), ...words, ...plainWords('background')];
}

function relationPhrase(claim: Claim, relation: Relation, nouns: readonly Word[][], style: Random): Word[] {
  const form = style.integer(4);
  const options = relationWords[relation];
  const middle = options[style.integer(2) % options.length]!;
  const [first = [], second = []] = nouns;
  if (form === 0) return [...first, ...plainWords(middle), ...second];
  if (form === 1 && claim.background === undefined) {
    return [...plainWords(middle), ...second, ...plainWords('there is'), ...first];
  }
  return [...first, ...plainWords(`is ${middle}`), ...second];
}

function listPhrase(nouns: readonly Word[][]): Word[] {
  return nouns.flatMap((noun, i) => {
    if (i === nouns.length - 1) return i === 0 ? noun : [...plainWords('and'), ...noun];
    return i === nouns.length - 2 ? noun : withMark(noun, ',');
  });
}

/** Says a claim. Two claims that name the same things read alike under equal style streams. */
export function say(claim: Claim, style: Random): Phrase {
  const nouns = claim.mentions.map((mention, i) => nounPhrase(mention, i, style));
  const leadIn = style.pick(leadIns);
  let words: Word[];
  if (claim.relation !== undefined) {
    words = relationPhrase(claim, claim.relation, nouns, style);
  } else {
    const many = (claim.mentions[0]?.count ?? 1) > 1;
    words = [...plainWords(many && leadIn === 'there is' ? 'there are' : leadIn), ...listPhrase(nouns)];
  }
  if (claim.background !== undefined) words.push(...backgroundPhrase(claim.background));
  return { words, text: words.map((word) => word.text).join(' ') };
}
