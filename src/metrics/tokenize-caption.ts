/**
 * Captions to tokens as the scorer of COCO's captions makes them: split by the conventions of the Penn Treebank, in small
 * letters, without punctuation. Contractions are two tokens (`do n't`, `dog 's`), hyphenated words one; a period belongs to
 * the word only in numbers, initials and abbreviations. Brackets stay, as `-lrb-`: the scorer looks for them in capitals only.
 * Sources: Chen et al., Microsoft COCO Captions: Data Collection and Evaluation Server (2015), section 4.1; Marcus et al.,
 * Building a Large Annotated Corpus of English: The Penn Treebank (1993). docs/metrics.md tells where it stops.
 */

/** What people shorten in captions: titles, streets, firms, months, units. */
const ABBREVIATIONS =
  'apr|assn|assoc|aug|ave|blvd|bros|capt|co|col|corp|cos|dec|dept|dr|drs|esq|est|etc|feb|ft|gen|gov|hon|inc|jan|jr|jul|jun|lt|ltd|messrs|mr|mrs|ms|mt|nov|oct|ph|prof|rd|rep|rev|sen|sept|sgt|sr|st|thu|thurs|tues|univ|vs';

/** A word's own characters, and those that join two of them: `black-and-white`, `red/blue`, `a_b`. */
const PART = String.raw`[\p{L}\p{M}\p{N}]+`;

/** Tried in this order at each place; what none of them knows is left out. */
const TOKEN = new RegExp(
  [
    String.raw`(?<address>https?:\/\/[^\s<>"(){}]*[^\s<>"(){}.,!?]|www\.[^\s<>"(){}]*[^\s<>"(){}.,!?]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)`,
    String.raw`(?<initials>(?<![\p{L}\p{N}])(?:(?:\p{L}\.)+|(?:${ABBREVIATIONS})\.|no\.(?=\s?\p{N})))`,
    String.raw`(?<number>(?<![\p{L}\p{N}])[-+]?\p{N}*(?:[.,:]\p{N}+)+(?![\p{L}\p{N}/-])|(?<![\p{L}\p{N}])[-+]\p{N}+(?![\p{L}\p{N}/.,:-]))`,
    String.raw`(?<clitic>(?:'(?:s|m|d|re|ve|ll)|n't|(?<=^|\s)'n'?)(?![\p{L}\p{N}])|'t(?=(?:is|was)(?![\p{L}\p{N}])))`,
    String.raw`(?<negated>\p{L}+?(?=n't(?![\p{L}\p{N}])))`,
    String.raw`(?<word>(?:o'(?=\p{L}))?${PART}(?:(?:[-_/]|(?<=\p{N})[.,:](?=\p{N})|(?<=\p{L}\p{L})\.(?=\p{L}\p{L}))(?:o'(?=\p{L}))?${PART})*)`,
    String.raw`(?<bracket>[()[\]{}])`,
    '(?<marks>[?!]{2,})',
    String.raw`(?<symbol>&amp;|[^\s\p{L}\p{M}\p{N}.,;:!?"'-])`,
  ].join('|'),
  'giu',
);

/** Two words that are written as one; the first has so many letters. */
const CONTRACTED: Readonly<Record<string, number>> = { cannot: 3, gimme: 3, gonna: 3, gotta: 3, lemme: 3, wanna: 3 };

const BRACKETS: Readonly<Record<string, string>> = {
  ...{ '(': '-lrb-', ')': '-rrb-', '[': '-lsb-', ']': '-rsb-', '{': '-lcb-', '}': '-rcb-' },
};

export function tokenizeCaption(caption: string): string[] {
  // Marks of quotation and dashes are punctuation in any form.
  const text = caption
    .toLowerCase()
    .replace(/[‘’‛`]/g, "'")
    .replace(/[“”«»‹›]/g, '"')
    .replace(/\p{Pd}{2,}|[–—―…]/gu, ' ');
  return [...text.matchAll(TOKEN)].flatMap(({ 0: token, groups }) => {
    if (groups!.bracket !== undefined) return BRACKETS[token]!;
    const first = CONTRACTED[token];
    return first === undefined ? token : [token.slice(0, first), token.slice(first)];
  });
}
