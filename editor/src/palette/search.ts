/**
 * Finds node types by what a person types: every word must match somewhere; names count more than summaries. Pure.
 */
import type { NodeDescriptor, SocketType } from '../../../src/protocol/index.ts';

export interface Family {
  readonly name: string;
  readonly nodes: readonly NodeDescriptor[];
}

/** The order data takes through a graph; families not listed come after, by name. */
const FAMILY_ORDER = ['source', 'preprocess', 'encode', 'fuse', 'decode', 'head', 'free', 'sink'];

export function familyOf(type: string): string {
  return type.slice(0, type.indexOf('/'));
}

/** Matching nodes, best first; all of them, in family order, for an empty query. */
export function searchNodes(nodes: readonly NodeDescriptor[], query: string): readonly NodeDescriptor[] {
  const words = query
    .toLowerCase()
    .split(/[\s/]+/)
    .filter(Boolean);
  if (words.length === 0) return inFamilyOrder(nodes);
  return nodes
    .map((node) => ({ node, rank: rank(node, words) }))
    .filter(({ rank: value }) => value > 0)
    .sort((a, b) => b.rank - a.rank || a.node.type.localeCompare(b.node.type))
    .map(({ node }) => node);
}

export function groupByFamily(nodes: readonly NodeDescriptor[]): readonly Family[] {
  const families = new Map<string, NodeDescriptor[]>();
  for (const node of inFamilyOrder(nodes)) {
    const name = familyOf(node.type);
    const family = families.get(name);
    if (family === undefined) families.set(name, [node]);
    else family.push(node);
  }
  return [...families].map(([name, members]) => ({ name, nodes: members }));
}

function inFamilyOrder(nodes: readonly NodeDescriptor[]): NodeDescriptor[] {
  const place = (node: NodeDescriptor) => {
    const index = FAMILY_ORDER.indexOf(familyOf(node.type));
    return index === -1 ? FAMILY_ORDER.length : index;
  };
  return [...nodes].sort((a, b) => place(a) - place(b) || a.type.localeCompare(b.type));
}

function rank(node: NodeDescriptor, words: readonly string[]): number {
  const title = node.title.toLowerCase();
  const type = node.type.toLowerCase();
  const summary = node.summary.toLowerCase();
  const makes = kindsOf(node.outputs);
  const takes = kindsOf(node.inputs);
  let total = 0;
  for (const word of words) {
    let best = 0;
    if (startsWord(title, word)) best = 10;
    else if (startsWord(type, word)) best = 8;
    else if (title.includes(word) || type.includes(word)) best = 5;
    else if (startsWord(makes, word)) best = 4;
    else if (startsWord(takes, word)) best = 3;
    else if (startsWord(summary, word)) best = 2;
    else if (summary.includes(word)) best = 1;
    if (best === 0) return 0;
    total += best;
  }
  return total + (title.startsWith(words.join(' ')) ? 5 : 0);
}

function kindsOf(sockets: Readonly<Record<string, { readonly type: SocketType }>>): string {
  return Object.values(sockets)
    .map(({ type }) => type.kind.toLowerCase())
    .join(' ');
}

function startsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (at === 0 || /\W/.test(text[at - 1] as string)) return true;
  }
  return false;
}
