/**
 * Captions to tokens as the scorer of COCO's captions makes them: split as the Penn Treebank splits English, in small letters,
 * without punctuation. Brackets stay, as `-lrb-`: the scorer looks for them in capitals only.
 * Source: Chen et al., Microsoft COCO Captions: Data Collection and Evaluation Server (2015), section 4.1.
 * Reads each caption alone; the scorer reads a file of them, where a caption's last word may see the next one's first.
 */
import { TOKEN_RULES, type TokenRule } from './ptb-rules.ts';

export function tokenizeCaption(caption: string): string[] {
  // What ends a line is a space to the rules; the one at the end is for those that want something after a word.
  const text = `${caption.replace(/[\r\n]/g, ' ')}\n`;
  const tokens: string[] = [];
  for (let place = 0; place < text.length; ) {
    const { length, rule } = longestAt(text, place);
    const found = text.slice(place, place + length);
    const token = rule.token === undefined ? found : rule.token(found);
    if (token !== undefined && token.trim() !== '') tokens.push(token.toLowerCase());
    place += length;
  }
  return tokens;
}

/** The last rule fits everything, so that there is always one. */
function longestAt(text: string, place: number): { readonly length: number; readonly rule: TokenRule } {
  let best = { length: 0, reach: 0, rule: TOKEN_RULES[0]! };
  for (const rule of TOKEN_RULES) {
    rule.pattern.lastIndex = place;
    const match = rule.pattern.exec(text);
    if (match === null) continue;
    const reach = match[0].length + (match.groups?.after?.length ?? 0);
    if (reach > best.reach) best = { length: match[0].length, reach, rule };
  }
  return best;
}
