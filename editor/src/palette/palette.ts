/** The list of node types on the left: search, families, drag onto the canvas. Template only. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { NodeDescriptor } from '../../../src/protocol/index.ts';
import { icons } from '../panels/icons.ts';
import { paint } from '../panels/paint.ts';
import { groupByFamily, searchNodes } from './search.ts';

/** Data type of a node type being dragged from the palette. */
export const NODE_DRAG = 'application/x-weft-node';

export interface PaletteState {
  query: string;
  /** Families folded by the person. */
  readonly folded: Set<string>;
}

const FAMILY_TITLES: Readonly<Record<string, string>> = {
  source: 'Sources',
  preprocess: 'Preprocess',
  encode: 'Encoders',
  fuse: 'Fusion',
  decode: 'Decoders',
  head: 'Task heads',
  free: 'Training-free',
  sink: 'Results',
};

export function palette(
  nodes: readonly NodeDescriptor[],
  state: PaletteState,
  add: (type: string) => void,
  changed: () => void,
): TemplateResult {
  const found = searchNodes(nodes, state.query);
  return html`
    <div class="search">
      ${icons.search}
      <input type="search" placeholder="Search nodes" aria-label="Search nodes" autocomplete="off" spellcheck="false"
        .value=${state.query}
        @input=${(event: Event) => {
          state.query = (event.target as HTMLInputElement).value;
          changed();
        }}
        @keydown=${(event: KeyboardEvent) => searchKey(event, found, state, add, changed)} />
    </div>
    <div class="palette-list" role="list" aria-label="Node types">
      ${state.query.trim() === '' ? families(nodes, state, add, changed) : found.map((node) => item(node, add))}
      ${
        found.length === 0 && nodes.length > 0
          ? html`<p class="empty">No node matches “${state.query}”.<br />Try a kind of data, like <em>image</em> or <em>scores</em>.</p>`
          : nothing
      }
    </div>`;
}

function families(
  nodes: readonly NodeDescriptor[],
  state: PaletteState,
  add: (type: string) => void,
  changed: () => void,
): TemplateResult[] {
  return groupByFamily(nodes).map(({ name, nodes: members }) => {
    const isOpen = !state.folded.has(name);
    return html`
      <section>
        <button class="family" type="button" aria-expanded=${isOpen}
          @click=${() => {
            if (!state.folded.delete(name)) state.folded.add(name);
            changed();
          }}>${icons.chevron}${FAMILY_TITLES[name] ?? name}</button>
        ${isOpen ? members.map((node) => item(node, add)) : nothing}
      </section>`;
  });
}

function item(node: NodeDescriptor, add: (type: string) => void): TemplateResult {
  const family = node.type.slice(0, node.type.indexOf('/'));
  return html`
    <div class="palette-item" role="listitem" tabindex="0" draggable="true" data-type=${node.type}
      title="Drag onto the canvas, or press Enter"
      ${paint(`--family-${family}`)}
      @dragstart=${(event: DragEvent) => {
        event.dataTransfer?.setData(NODE_DRAG, node.type);
        event.dataTransfer?.setData('text/plain', node.type);
      }}
      @dblclick=${() => add(node.type)}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key !== 'Enter') return;
        event.preventDefault();
        add(node.type);
      }}>
      <span class="title"><i></i>${node.title}<span class="sockets">${sockets(node)}</span></span>
      <span class="summary">${node.summary}</span>
    </div>`;
}

/** What goes in and comes out, as dots in the colours of the sockets. */
function sockets(node: NodeDescriptor): TemplateResult {
  const dot = (kind: string) => html`<b ${paint(`--socket-${kind}`)}></b>`;
  const inputs = Object.values(node.inputs).map(({ type }) => dot(type.kind));
  const outputs = Object.values(node.outputs).map(({ type }) => dot(type.kind));
  return html`${inputs}${inputs.length > 0 && outputs.length > 0 ? html`<em></em>` : nothing}${outputs}`;
}

function searchKey(
  event: KeyboardEvent,
  found: readonly NodeDescriptor[],
  state: PaletteState,
  add: (type: string) => void,
  changed: () => void,
): void {
  const [best] = found;
  if (event.key === 'Enter' && best !== undefined && state.query.trim() !== '') add(best.type);
  else if (event.key === 'Escape') {
    state.query = '';
    changed();
  } else if (event.key === 'ArrowDown') {
    event.preventDefault();
    document.querySelector<HTMLElement>('.palette-item')?.focus();
  }
}
