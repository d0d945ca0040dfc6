/**
 * Modal questions and lists, on the page's own <dialog> elements (focus and Escape are the browser's):
 * a name, a choice, the gallery, the keys, and quick search for a node. Must not change the document itself.
 */
import { html, nothing, render, type TemplateResult } from 'lit-html';
import type { GraphEntry, NodeDescriptor } from '../../../src/protocol/index.ts';
import type { Dialogs } from '../editor.ts';
import { searchNodes } from '../palette/search.ts';
import { byModels, exampleCard } from './examples.ts';
import { icons } from './icons.ts';
import { KEY_COMMANDS } from './keys.ts';
import { paint } from './paint.ts';

export class PageDialogs implements Dialogs {
  readonly #host: HTMLElement;

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  get isOpen(): boolean {
    return this.#host.querySelector('dialog[open]') !== null;
  }

  askName(title: string, name: string, action: string): Promise<string | undefined> {
    return this.#show<string>(
      'small',
      (close) => html`
        <form @submit=${(event: SubmitEvent) => {
          event.preventDefault();
          const text = new FormData(event.target as HTMLFormElement).get('name');
          if (typeof text === 'string' && text.trim() !== '') close(text.trim());
        }}>
          <h2>${title}</h2>
          <input name="name" aria-label=${title} .value=${name} spellcheck="false" autocomplete="off" autofocus required maxlength="64" />
          <div class="button-row end">
            <button type="button" class="quiet" @click=${() => close(undefined)}>Cancel</button>
            <button type="submit" class="primary">${action}</button>
          </div>
        </form>`,
    );
  }

  choose(title: string, text: string, options: readonly string[]): Promise<string | undefined> {
    return this.#show<string>(
      'small',
      (close) => html`
        <h2>${title}</h2>
        <p>${text}</p>
        <div class="button-row end">
          ${options.map((option, index) => html`<button type="button" class=${index === 0 ? 'primary' : 'quiet'} @click=${() => close(option)}>${option}</button>`)}
        </div>`,
    );
  }

  /** The name of the graph that was chosen. */
  gallery(graphs: readonly GraphEntry[], openFile: () => void): Promise<string | undefined> {
    const card = (close: (name: string) => void) => (entry: GraphEntry) =>
      exampleCard(entry, () => close(entry.name), html`<code>${entry.name}</code>`);
    return this.#show<string>('wide', (close) => {
      const own = graphs.filter(({ editable }) => editable);
      const { ready, waiting } = byModels(graphs.filter(({ editable }) => !editable));
      return html`
        <header><h2>Open a graph</h2>${closeButton(() => close(undefined))}</header>
        ${own.length === 0 ? nothing : html`<h3>Yours</h3><div class="examples">${own.map(card(close))}</div>`}
        <h3>Examples</h3>
        ${ready.length === 0 ? html`<p class="hint">None that could run here came with this server.</p>` : html`<div class="examples">${ready.map(card(close))}</div>`}
        ${
          waiting.length === 0
            ? nothing
            : html`
              <h3>Examples for models that are not here yet</h3>
              <p class="hint">Fetch one with <code>npx weft models pull NAME</code>, or open it and name a model of your own.</p>
              <div class="examples">${waiting.map(card(close))}</div>`
        }
        <div class="button-row end">
          <button type="button" class="quiet" @click=${() => {
            close(undefined);
            openFile();
          }}>${icons.open}Open a file from this computer</button>
        </div>`;
    });
  }

  keys(): Promise<undefined> {
    const sections = ['Run', 'Edit', 'View', 'Graph'] as const;
    return this.#show<undefined>(
      'wide',
      (close) => html`
        <header><h2>Keys and gestures</h2>${closeButton(() => close(undefined))}</header>
        <div class="key-columns">
          ${sections.map(
            (section) =>
              html`<section><h3>${section}</h3><dl>${KEY_COMMANDS.filter((command) => command.section === section).map(
                ({ text, keys }) =>
                  html`<div><dt>${text}</dt><dd>${keys.map((key) => html`<kbd>${key}</kbd>`)}</dd></div>`,
              )}</dl></section>`,
          )}
          <section><h3>Mouse</h3><dl>
            <div><dt>Wire two nodes</dt><dd>drag from socket to socket</dd></div>
            <div><dt>Add a fitting node</dt><dd>drop a wire on empty ground</dd></div>
            <div><dt>Take a wire off</dt><dd>drag it out of its input</dd></div>
            <div><dt>Find a node</dt><dd>double click on the ground</dd></div>
            <div><dt>Move around</dt><dd>drag the ground</dd></div>
            <div><dt>Zoom</dt><dd>wheel or pinch</dd></div>
            <div><dt>Select several</dt><dd>Shift and drag</dd></div>
            <div><dt>Use a picture</dt><dd>drop it on a node</dd></div>
          </dl></section>
        </div>`,
    ) as Promise<undefined>;
  }

  /** Quick search: the type that was chosen. `nodes` may already be only those that fit a wire. */
  search(nodes: readonly NodeDescriptor[], note: string | undefined): Promise<string | undefined> {
    let query = '';
    let chosen = 0;
    return this.#show<string>('search-box', (close, again) => {
      const found = searchNodes(nodes, query).slice(0, 60);
      chosen = Math.min(chosen, Math.max(0, found.length - 1));
      const key = (event: KeyboardEvent) => {
        if (event.key === 'ArrowDown') chosen = Math.min(found.length - 1, chosen + 1);
        else if (event.key === 'ArrowUp') chosen = Math.max(0, chosen - 1);
        else if (event.key === 'Enter' && found[chosen] !== undefined) close(found[chosen]?.type);
        else return;
        event.preventDefault();
        again();
        this.#host.querySelector('.search-results [aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
      };
      return html`
        <div class="search">${icons.search}
          <input type="text" role="combobox" aria-expanded="true" aria-controls="search-results" aria-label="Search nodes"
            placeholder=${note ?? 'Add a node: type a name or a kind of data'} autofocus autocomplete="off" spellcheck="false" @keydown=${key}
            @input=${(event: Event) => {
              query = (event.target as HTMLInputElement).value;
              chosen = 0;
              again();
            }} />
        </div>
        <div class="search-results" id="search-results" role="listbox">
          ${found.map(
            (node, index) => html`
              <button type="button" role="option" tabindex="-1" aria-selected=${index === chosen}
                ${paint(`--family-${node.type.slice(0, node.type.indexOf('/'))}`)} @click=${() => close(node.type)}>
                <i></i><b>${node.title}</b><span>${node.summary}</span>
              </button>`,
          )}
          ${found.length === 0 ? html`<p class="empty">${nodes.length === 0 ? 'No node fits this wire.' : 'No node matches.'}</p>` : nothing}
        </div>`;
    });
  }

  #show<T>(
    look: string,
    content: (close: (value: T | undefined) => void, again: () => void) => TemplateResult,
  ): Promise<T | undefined> {
    return new Promise((resolve) => {
      const dialog = document.createElement('dialog');
      dialog.className = look;
      let answer: T | undefined;
      const close = (value: T | undefined) => {
        answer = value;
        dialog.close();
      };
      const again = () => render(content(close, again), dialog);
      dialog.addEventListener('close', () => {
        dialog.remove();
        resolve(answer);
      });
      // A click on the backdrop closes; the dialog's own content lies inside its padding box.
      dialog.addEventListener('mousedown', (event) => {
        if (event.target === dialog && !isInside(dialog, event)) close(undefined);
      });
      again();
      this.#host.append(dialog);
      dialog.showModal();
      const first = dialog.querySelector<HTMLInputElement>('[autofocus]');
      first?.focus();
      if (first?.name === 'name') first.select();
    });
  }
}

function closeButton(close: () => void): TemplateResult {
  return html`<button type="button" class="tool" aria-label="Close" @click=${close}>${icons.close}</button>`;
}

function isInside(dialog: HTMLElement, { clientX, clientY }: MouseEvent): boolean {
  const { left, top, right, bottom } = dialog.getBoundingClientRect();
  return clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
}
