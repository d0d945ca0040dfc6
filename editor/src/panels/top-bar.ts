/** The bar on top: name, undo, documents, Run. Template only. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { setName } from '../document/commands.ts';
import { duration } from '../run/value-text.ts';
import type { Session } from '../session.ts';
import { icons, logo } from './icons.ts';
import { type CommandId, withKey } from './keys.ts';

export function topBar(
  session: Session,
  act: (id: CommandId) => void,
  isMenuOpen: boolean,
  menu: () => void,
): TemplateResult {
  const { history } = session;
  const button = (id: CommandId, text: string, icon: TemplateResult, isEnabled = true) => html`
    <button class="tool" type="button" title=${withKey(text, id)} aria-label=${text} ?disabled=${!isEnabled}
      @click=${() => act(id)}>${icon}</button>`;
  return html`
    <div class="brand">${logo}<span>Weft</span></div>
    <div class="graph-name">
      <input aria-label="Name of the graph" spellcheck="false" .value=${session.graph.name}
        @change=${(event: Event) => session.edit('Rename graph', setName((event.target as HTMLInputElement).value))} />
      <span class="save-state" title=${history.isDirty ? 'Not saved yet' : 'Saved'}>${stateText(session)}</span>
    </div>
    <div class="tools" role="toolbar" aria-label="Edit">
      ${button('undo', history.undoLabel === undefined ? 'Undo' : `Undo: ${history.undoLabel}`, icons.undo, history.undoLabel !== undefined)}
      ${button('redo', history.redoLabel === undefined ? 'Redo' : `Redo: ${history.redoLabel}`, icons.redo, history.redoLabel !== undefined)}
      <span class="divider"></span>
      ${button('arrange', 'Arrange the nodes', icons.arrange)}
      ${button('fit', 'Zoom to fit', icons.fit)}
    </div>
    <div class="tools right" role="toolbar" aria-label="Graph">
      <button class="quiet" type="button" title=${withKey('Open', 'open')} @click=${() => act('open')}>${icons.open}Open</button>
      <button class="quiet" type="button" title=${withKey('Save', 'save')} @click=${() => act('save')}>${icons.save}Save</button>
      <button class="tool" type="button" aria-label="More" title="More" aria-haspopup="menu" aria-expanded=${isMenuOpen}
        @click=${menu}>${icons.more}</button>
      ${button('help', 'Keys and help', icons.help)}
    </div>
    ${runControls(session, act)}`;
}

function stateText(session: Session): TemplateResult | typeof nothing {
  if (session.history.isDirty) return html`<i class="dot"></i>edited`;
  return session.stored === undefined ? nothing : html`saved`;
}

function runControls(session: Session, act: (id: CommandId) => void): TemplateResult {
  const { run } = session;
  return html`
    <div class="run-controls">
      <span class="run-status ${run.phase}" role="status" aria-live="polite">${runStatus(session)}</span>
      ${
        run.isActive
          ? html`<button class="run cancel" type="button" title=${withKey('Cancel', 'cancel')} @click=${() => act('cancel')}>${icons.stop}Cancel</button>`
          : html`<button class="run" type="button" title=${withKey('Run', 'run')} @click=${() => act('run')}>${icons.play}Run</button>`
      }
    </div>`;
}

function runStatus(session: Session): TemplateResult | string | typeof nothing {
  const { run, isConnected } = session;
  const elapsed = duration(run.milliseconds ?? performance.now() - (run.startedAt ?? 0));
  switch (run.phase) {
    case 'idle':
      return isConnected ? nothing : html`<i class="dot off"></i>connecting…`;
    case 'starting':
      return isConnected ? 'starting…' : 'waiting for the server…';
    case 'queued':
      return html`queued`;
    case 'running':
      return html`<i class="spinner"></i>${isConnected ? 'running' : 'reconnecting'} · ${elapsed}`;
    case 'finished':
      return run.failures > 0
        ? `${run.failures} failed · ${elapsed}`
        : html`<i class="mark">${icons.check}</i>done in ${elapsed}`;
    case 'failed':
      return 'failed';
    case 'cancelled':
      return `cancelled after ${elapsed}`;
  }
}
