/** What floats above the canvas: toasts, the note beside the pointer, the context menu, zoom buttons. Templates only. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { HoverHint } from '../canvas/weft-canvas.ts';
import type { Session } from '../session.ts';
import { icons } from './icons.ts';

export function toasts(session: Session): TemplateResult[] {
  return session.toasts.map(
    ({ id, tone, text, detail }) => html`
      <div class="toast ${tone}" role=${tone === 'bad' ? 'alert' : 'status'}>
        <div><b>${text}</b>${detail === undefined || detail === '' ? nothing : html`<span>${detail}</span>`}</div>
        <button type="button" aria-label="Close" @click=${() => session.closeToast(id)}>${icons.close}</button>
      </div>`,
  );
}

/** The text of the note beside the pointer; main places it. */
export function hoverNote(hint: HoverHint | undefined): TemplateResult | typeof nothing {
  if (hint === undefined || hint.text === '') return nothing;
  return html`<b>${hint.text}</b>${hint.detail === undefined || hint.detail === '' ? nothing : html`<span>${hint.detail}</span>`}`;
}

export interface MenuEntry {
  readonly text: string;
  readonly key?: string | undefined;
  readonly isDanger?: boolean;
  readonly run: () => void;
}

export function menuEntries(entries: readonly (MenuEntry | 'line')[], close: () => void): TemplateResult[] {
  return entries.map((entry) =>
    entry === 'line'
      ? html`<hr />`
      : html`<button type="button" role="menuitem" class=${entry.isDanger === true ? 'danger' : ''}
          @click=${() => {
            close();
            entry.run();
          }}><span>${entry.text}</span>${entry.key === undefined ? nothing : html`<kbd>${entry.key}</kbd>`}</button>`,
  );
}

export function zoomButtons(scale: number, zoom: (factor: number) => void, fit: () => void): TemplateResult {
  return html`
    <button type="button" aria-label="Zoom out" title="Zoom out (-)" @click=${() => zoom(1 / 1.2)}>${icons.minus}</button>
    <button type="button" class="percent" aria-label="Zoom to fit" title="Zoom to fit (F)" @click=${fit}>${Math.round(scale * 100)} %</button>
    <button type="button" aria-label="Zoom in" title="Zoom in (+)" @click=${() => zoom(1.2)}>${icons.plus}</button>`;
}
