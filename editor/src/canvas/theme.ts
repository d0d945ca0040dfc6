/**
 * Colours that canvas and page share: one per socket type and per node family, and the few that the canvas draws with.
 * The page gets them as CSS variables; the rest of its colours are in style/.
 */
import type { SocketKind } from '../../../src/protocol/index.ts';

/** One hue per meaning: pictures blue, language amber, numbers violet, spaces pink, answers green, places orange. */
export const SOCKET_COLORS: Readonly<Record<SocketKind, string>> = {
  Any: '#a3acba',
  Image: '#58b4f5',
  Video: '#4f8ff7',
  Text: '#f2c063',
  Tokens: '#d9a441',
  Features: '#9a8cf0',
  Embedding: '#f08bb4',
  Tensor: '#b69af2',
  Labels: '#e5d36a',
  Scores: '#63d297',
  Boxes: '#ff9d6c',
  Masks: '#4ed0c4',
  Caption: '#f5b07a',
  Answer: '#8fdc6f',
  Table: '#9db8d2',
  Model: '#c9cfd8',
};

const FAMILY_COLORS: Readonly<Record<string, string>> = {
  source: '#58b4f5',
  preprocess: '#b69af2',
  encode: '#f08bb4',
  fuse: '#4ed0c4',
  decode: '#f2c063',
  head: '#63d297',
  free: '#8fdc6f',
  sink: '#9db8d2',
};

/** Why a word was chosen: for it, against it, for the picture. */
export const REASON_COLORS = { probability: '#f2c063', penalty: '#ff7a85', magic: '#58b4f5' } as const;

export function familyColor(family: string): string {
  return FAMILY_COLORS[family] ?? '#a3acba';
}

export const INK = {
  canvas: '#121419',
  dot: '#2c323c',
  node: '#1f232b',
  nodeEdge: '#333945',
  nodeLine: '#2b303a',
  inset: '#15181e',
  text: '#e8eaee',
  soft: '#b3bac5',
  muted: '#858e9c',
  accent: '#7c9cff',
  good: '#63d297',
  warn: '#f0b455',
  bad: '#ff7a85',
  badDim: '#3a2129',
} as const;

export const FONT = '"Inter Variable", "Inter", system-ui, sans-serif';

export function font(size: number, weight = 450): string {
  return `${weight} ${size}px ${FONT}`;
}

/** Gives the page the shared colours. Called once at start. */
export function applyTheme(root: HTMLElement): void {
  for (const [kind, color] of Object.entries(SOCKET_COLORS)) root.style.setProperty(`--socket-${kind}`, color);
  for (const [family, color] of Object.entries(FAMILY_COLORS)) root.style.setProperty(`--family-${family}`, color);
  for (const [reason, color] of Object.entries(REASON_COLORS)) root.style.setProperty(`--reason-${reason}`, color);
}
