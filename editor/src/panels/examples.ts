/** Graphs as cards to choose from, those that can run here first, with a quiet note which models the others need. Template only. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { GraphEntry } from '../../../src/protocol/index.ts';

/** Those whose models are all here, and the others; the order is kept. */
export function byModels(graphs: readonly GraphEntry[]): { ready: GraphEntry[]; waiting: GraphEntry[] } {
  const isReady = ({ models }: GraphEntry) => models.every(({ present }) => present);
  return { ready: graphs.filter(isReady), waiting: graphs.filter((entry) => !isReady(entry)) };
}

/** What tells a newcomer most, in this order; the others come after. */
const FIRST = ['zero-shot', 'magic-caption', 'detect-onnx', 'retrieve'];

/** For the start page: what can run here, the telling ones first, then what lacks a model. */
export function firstExamples(graphs: readonly GraphEntry[], most: number): GraphEntry[] {
  const { ready, waiting } = byModels(graphs);
  const place = ({ name }: GraphEntry) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return [...ready.sort((a, b) => place(a) - place(b)), ...waiting].slice(0, most);
}

/** `more` is shown below the description. */
export function exampleCard(
  { title, description, models }: GraphEntry,
  open: () => void,
  more: TemplateResult | typeof nothing = nothing,
): TemplateResult {
  const missing = models.filter(({ present }) => !present).map(({ ref }) => ref);
  return html`
    <button type="button" class="example" @click=${open}>
      <b>${title}</b><span>${description}</span>${more}
      ${missing.length === 0 ? nothing : html`<em title="Not on this machine yet">needs ${missing.join(', ')}</em>`}
    </button>`;
}
