/**
 * What is one token of English, by the conventions of the Penn Treebank as Stanford's tokenizer has them: the rules that
 * tokenize-caption.ts tries at each place of a text. Data only; must not scan.
 *
 * A rule's length is that of its token and of `after`, which must follow but is no part of it; the longest wins, of equals
 * the first. Letters that matter in both cases are under the flag `i`.
 */

export interface TokenRule {
  /** Sticky. */
  readonly pattern: RegExp;
  /** What becomes of the text: the same when left out, nothing when undefined. */
  readonly token?: (text: string) => string | undefined;
}

const LETTER = '[\\p{L}\\p{M}]';
const WORD = `${LETTER}[\\p{L}\\p{M}\\p{Nd}]*(?:[.!?]${LETTER}[\\p{L}\\p{M}\\p{Nd}]*)*`;
const APOSTROPHE = "['\\u2019]";
/** People write others inside words, rightly or wrongly. */
const ANY_APOSTROPHE = "['\\u2019`\\u2018\\u201B]";
const CLITIC = `${APOSTROPHE}(?:[smdSMD]|re|ve|ll|RE|VE|LL|Re|Ve|Ll)`;
const NOT = `[nN]${ANY_APOSTROPHE}[tT]`;
const SPACE = '[ \\t\\n\\u00A0\\u2000-\\u200A\\u3000]';
const ALPHANUMERIC = '[\\p{L}\\p{Nd}]';
const NUMBER = '[-+]?(?:\\p{Nd}*(?:[.:,]\\p{Nd}+)+|\\p{Nd}+)';

/** Their period stays with them. Those in small letters are words, too, and count only as they are written here. */
const ABBREVIATIONS = [
  'Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mon|Tues?|Wed|Thu|Thurs|Fri',
  'Ala|Ariz|Calif|Colo|Conn|Ct|Dak|Fla|Ga|Ind|Kans?|Ky|Md|Mich|Minn|Mo|Mont|Neb|Nev|Okla|Penn|Tenn|Va|Vt|Wisc?|Wyo',
  'Inc|Cos?|Corp|Pp?t[ye]s?|Ltd|Plc|Rt|Bancorp|Bhd|Assn|Univ|Intl|Sys|tel|est|ext|sq',
  'Jr|Sr|Bros|(?:Ed|Ph)\\.D|Blvd|Rd|Esq|etc|al|seq|Bldg',
  'Mr|Mrs|Ms|Drs?|Profs?|Sens?|Reps?|Attys?|Lt|Col|Gen|Messrs|Govs?|Adm|Rev|Maj|Sgt|Cpl|Pvt|Capt|Ste?|Ave|Pres|Lieut',
  'Hon|Brig|Co?mdr|Pfc|Spc|Supts?|Det|Mt|Ft|Adj|Adv|Asst|Assoc|Ens|Insp|Mlle|Mme|Msgr|Sfc|Invt|Elec|Natl|Dept',
  'vs|Alex|Wm|Jos|Cie|a\\.k\\.a|cf|TREAS|Ph',
].join('|');
const CAPITAL_ABBREVIATIONS = 'Az|Ark|Del|Ill|La|Mass|Miss|Ore|Pa|Tex|Wash|M[ft]g';

/** Words that begin a sentence: a single letter before them ends one. */
const SENTENCE_STARTS = [
  'About|According|Additionally|After|An|A|As|At|But|Earlier|He|Her|Here|However|If|In|It|Last|Many|More|Mr\\.|Ms\\.|Now',
  'Once|One|Other|Our|She|Since|So|Some|Such|That|The|Their|Then|There|These|They|This|We|When|While|What|Yet|You',
].join('|');

const nothing = () => undefined;

function rule(pattern: string, token?: TokenRule['token'], flags = 'iyu'): TokenRule {
  return { pattern: new RegExp(pattern, flags), ...(token && { token }) };
}

/** In which letter case counts. */
function exact(pattern: string, token?: TokenRule['token']): TokenRule {
  return rule(pattern, token, 'yu');
}

const VULGAR_FRACTIONS: Readonly<Record<string, string>> = {
  '\u00BC': '1/4',
  '\u00BD': '1/2',
  '\u00BE': '3/4',
  '\u2153': '1/3',
  '\u2154': '2/3',
};
const CURRENCIES: Readonly<Record<string, string>> = {
  '\u00A2': 'cents',
  '\u00A3': '#',
  '\u00A4': '$',
  '\u20A0': '$',
  '\u20AC': '$',
};
const BRACKETS: Readonly<Record<string, string>> = {
  '(': '-lrb-',
  ')': '-rrb-',
  '[': '-lsb-',
  ']': '-rsb-',
  '{': '-lcb-',
  '}': '-rcb-',
};

const straight = (text: string) => text.replace(/[\u2018\u2019\u201B]/g, "'");
const unspaced = (text: string) => text.replaceAll(' ', '\u00A0');
const unbracketed = (text: string) => text.replace(/[()]/g, (bracket) => BRACKETS[bracket]!);

const WORDS: readonly TokenRule[] = [
  rule('c\\+\\+|[cf]#'),
  rule('can(?=(?<after>not))'),
  rule('(?:gon|wan)(?=(?<after>na))'),
  rule('got(?=(?<after>ta))'),
  rule('(?:lem|gim)(?=(?<after>me))'),
  rule("'t(?=(?<after>was|is))"),
  rule(`${WORD}(?=(?<after>${CLITIC}))`),
  rule(`[A-Za-z]*[A-MO-Za-mo-z](?=(?<after>${NOT}))`),
  rule(WORD),
  // Words with an apostrophe of their own.
  rule(`${APOSTROPHE}n${APOSTROPHE}?|[ldj]${APOSTROPHE}|(?:dunkin|somethin|ol)${APOSTROPHE}`),
  rule(`${APOSTROPHE}(?:em|till?|cause|[2-9]0s)|'twas|cont'd\\.?|nor'easter|c'mon|e'er|s'mores|ev'ry|li'l|nat'l`),
  exact(`[A-HJ-XZn]${ANY_APOSTROPHE}\\p{L}{2,}|[oO]${ANY_APOSTROPHE}[oO]`),
  exact(`\\p{L}+[aeiouyAEIOUY]${ANY_APOSTROPHE}[aeiouA-Z]\\p{L}*`),
  rule(`y${APOSTROPHE}(?=(?<after>\\p{L}))`),
  rule(`(?:cap${APOSTROPHE}n|c${APOSTROPHE}est)`),
];

const PLACES: readonly TokenRule[] = [
  rule('https?:\\/\\/[^ \\t\\n"<>|(){}]+[^ \\t\\n"<>|.!?(){},-]'),
  rule(
    '(?:www\\.(?:[^ \\t\\n"<>|.!?(){},]+\\.)+[a-z]{2,4}|(?:[^ \\t\\n"`\'<>|.!?(){},\\-_$]+\\.)+(?:com|net|org|edu))(?:\\/[^ \\t\\n"<>|()]+[^ \\t\\n"<>|.!?(){},-])?',
  ),
  rule('[a-z0-9][^ \\t\\n"<>|(){}\\u00A0]*@(?:[^ \\t\\n"<>|(){}.\\u00A0]+\\.)*[^ \\t\\n"<>|(){}.\\u00A0]+'),
  rule(`@[a-z_][a-z_0-9]*|#${LETTER}+`),
  rule(
    '<(?:[!?][a-z-][^>\\n]*|\\/?[a-z][a-z0-9_:.-]*(?: +[a-z][a-z0-9_:.-]*(?: *= *(?:\'[^\']*\'|"[^"]*"))?)* *\\/?) *>',
    unspaced,
  ),
];

const NUMBERS: readonly TokenRule[] = [
  rule(`(?:${CLITIC}|${NOT})(?=(?<after>[^A-Za-z]))`, straight),
  rule('\\p{Nd}{1,2}[-/]\\p{Nd}{1,2}[-/]\\p{Nd}{2,4}'),
  rule(NUMBER),
  rule('[\\u2070\\u00B9\\u00B2\\u00B3\\u2074-\\u2079]+|[\\u2080-\\u2089]+'),
  rule('(?:\\p{Nd}{1,4}[- \\u00A0])?\\p{Nd}{1,4}(?:\\\\?\\/|\\u2044)\\p{Nd}{1,4}', unspaced),
  rule('[\\u00BC\\u00BD\\u00BE\\u2153-\\u215E]', (text) => VULGAR_FRACTIONS[text] ?? text),
  rule('pro-|anti-'),
  rule('[a-z0-9]+(?:-[a-z]+){0,2}(?:\\\\?\\/[a-z0-9]+(?:-[a-z]+){0,2}){1,2}'),
  exact('[A-Z]*\\$|#'),
  rule('[\\u00A2-\\u00A5\\u20A0\\u20A4\\u20AC\\u0E3F]', (text) => CURRENCIES[text] ?? text),
  rule(
    '(?:\\(\\d{2,3}\\)[ \\u00A0]?|(?:\\+\\+?)?(?:\\d{2,4}[- \\u00A0])?\\d{2,4}[- \\u00A0])\\d{3,4}[- \\u00A0]?\\d{3,5}',
    (text) => unbracketed(unspaced(text)),
  ),
  rule('(?:(?:\\+\\+?)?\\d{2,4}\\.)?\\d{2,4}\\.\\d{3,4}\\.\\d{3,5}'),
];

const PERIODS: readonly TokenRule[] = [
  exact(`[A-Za-z](?=(?<after>\\.${SPACE}+(?:${SENTENCE_STARTS})${SPACE}))`),
  rule('(?:ca|figs?|prop|nos?|art|bldg|pp|op)\\.(?=(?<after>\\s?\\p{Nd}))'),
  rule(`(?:${ABBREVIATIONS})\\.`),
  exact(`(?:${CAPITAL_ABBREVIATIONS})\\.`),
  rule('[a-z](?:\\.[a-z])*\\.|(?:Canada|Sino|Korean|EU|Japan|non)-U\\.S\\.|U\\.S\\.-(?:U\\.K|U\\.S\\.S\\.R)\\.'),
  rule(`[a-z](?:\\.[a-z])*(?=(?<after>${SPACE}))`),
  rule(`${APOSTROPHE}\\d\\d(?=(?<after>${SPACE}))`),
  rule(
    `(?:${ALPHANUMERIC}+\\.)+(?:bmp|cpp|docx?|exe|gif|html?|java|jpe?g|mov|mp3|pdf|php|png|ppt|txt|wav|xml|zip)(?=(?<after>[ \\n.?!,]))`,
  ),
  rule(`${WORD}\\.(?=(?<after>[,;:\\u3001]))`),
];

const MARKS: readonly TokenRule[] = [
  // One that opens a quotation is no clitic of what follows; two are one mark.
  rule("'(?=(?<after>[a-z][^\\s]))|''", nothing),
  rule('["\\u2018\\u2019\\u201B-\\u201D\\u2039\\u203A\\u00AB\\u00BB`\']', nothing),
  rule("[<>]?[:;=][-o*']?[()DPdpO\\\\{@|[\\]](?=(?<after>[^A-Za-z0-9]))", unbracketed, 'yu'),
  rule('[()[\\]{}]', (text) => BRACKETS[text]),
  // One, two, or three and four that mean two, are punctuation; more are a token.
  rule('-{1,4}', nothing),
  rule('-{5,}'),
  rule('[\\u2013-\\u2015]', nothing),
  rule('\\.{1,5}|[\\u2026,;:]', nothing),
  rule('[?!]', nothing),
  rule('[?!]{2,}|@+|#+|_+|\\*+'),
  rule('<<|>>|&amp;', (text) => (text.startsWith('&') ? '&' : text)),
  // Hyphenated words.
  rule('[a-z0-9][a-z0-9.,]*(?:-(?:[a-z](?:\\.[a-z])+\\.|[a-z0-9]+))+'),
  rule(
    `(?:[dol]${ANY_APOSTROPHE}${ALPHANUMERIC})?${ALPHANUMERIC}+(?:[-_\\u2010\\u2011](?:[dol]${ANY_APOSTROPHE}${ALPHANUMERIC})?${ALPHANUMERIC}+)*`,
  ),
  exact('[A-Z]+(?:[+&][A-Z]+)+'),
];

export const TOKEN_RULES: readonly TokenRule[] = [
  ...WORDS,
  ...PLACES,
  ...NUMBERS,
  ...PERIODS,
  ...MARKS,
  // Any other mark or symbol stands alone; what is none, as a picture of a face, is dropped.
  { pattern: /[\p{P}\p{S}]/uy, token: (text) => (text.length === 1 ? text : undefined) },
  { pattern: /./suy, token: nothing },
];
