/**
 * Answers to questions about pictures as the evaluation of VQA compares them: without punctuation and articles, number words
 * as digits, contractions with their apostrophes, in small letters.
 * Source: Antol et al., VQA: Visual Question Answering (2015), and the evaluation server's description of its processing.
 */

const PUNCTUATION = [...';/[]"{}()=+\\_-><@`,?!'];
const ARTICLES = new Set(['a', 'an', 'the']);
const DIGITS: ReadonlyMap<string, string> = new Map([
  ['none', '0'],
  ...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'].map(
    (word, number): [string, string] => [word, `${number}`],
  ),
]);

/** Contractions that are understood where one of their apostrophes is missing. */
const CONTRACTIONS = [
  "ain't aren't can't could've couldn't couldn't've didn't doesn't don't hadn't hadn't've hasn't haven't he'd he'd've he's",
  "how'd how'll how's isn't it'd it'd've it'll ma'am mightn't mightn't've might've mustn't must've needn't not've o'clock",
  "oughtn't 'ow's'at shan't she'd've should've shouldn't shouldn't've somebody'd've somebody'll somebody's someone'd",
  "someone'd've someone'll someone's something'd something'd've something'll that's there'd there'd've there're there's",
  "they'd they'd've they'll they're they've 'twas wasn't we'd've we've weren't what'll what're what's what've when's where'd",
  "where's where've who'd who'd've who'll who's who've why'll why're why's won't would've wouldn't wouldn't've y'all y'all'll",
  "y'all'd've you'd you'd've you'll you're you've",
].flatMap((line) => line.split(' '));

/** The table of the evaluation has this one the wrong way round, and its scores with it. */
const REVERSED = [["somebody'd", 'somebodyd']] as const;

const SPELLINGS: ReadonlyMap<string, string> = new Map([
  ...CONTRACTIONS.flatMap((whole) =>
    [...whole.matchAll(/'/g)].map(({ index }): [string, string] => [
      whole.slice(0, index) + whole.slice(index + 1),
      whole,
    ]),
  ),
  ...REVERSED,
]);

/** White space as one line has it; all that is done where every annotator gave the same answer. */
export function trimAnswer(answer: string): string {
  return answer.replace(/[\n\t]/g, ' ').trim();
}

export function normalizeAnswer(answer: string): string {
  return withoutPunctuation(trimAnswer(answer))
    .toLowerCase()
    .split(/\s+/u)
    .map((word) => DIGITS.get(word) ?? word)
    .filter((word) => word !== '' && !ARTICLES.has(word))
    .map((word) => SPELLINGS.get(word) ?? word)
    .join(' ');
}

/** A mark beside a space goes, one inside a word becomes a space; beside a number with a comma, all marks go. */
function withoutPunctuation(answer: string): string {
  const hasLongNumber = /\p{Nd},\p{Nd}/u.test(answer);
  const unmarked = PUNCTUATION.reduce((text, mark) => {
    const goes = hasLongNumber || answer.includes(`${mark} `) || answer.includes(` ${mark}`);
    return text.replaceAll(mark, goes ? '' : ' ');
  }, answer);
  return unmarked.replace(/\.(?!\p{Nd})/gu, '');
}
