/** What a node made, in full: every item of every output, larger than the canvas shows it. Template only. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { JsonValue, NodeDescriptor, ScoreEntry } from '../../../src/protocol/index.ts';
import { cellText } from '../canvas/draw-preview.ts';
import type { ItemResult, NodeRun } from '../run/run-state.ts';
import { pagesOf } from '../run/trace-pages.ts';
import { describeValue, duration, score } from '../run/value-text.ts';
import type { Session } from '../session.ts';
import { traceView } from './trace.ts';

/** More items than this are counted, not listed. */
const MAX_ITEMS = 50;

export function resultsOf(session: Session, id: string, descriptor: NodeDescriptor): TemplateResult | typeof nothing {
  const run = session.run.nodes.get(id);
  if (run === undefined) return nothing;
  const outputs = Object.keys(descriptor.outputs).filter((output) => run.items(output).length > 0);
  if (outputs.length === 0) return nothing;
  const time = run.milliseconds === undefined ? '' : run.status === 'cached' ? 'cached' : duration(run.milliseconds);
  return html`
    <h3>Results <span>${time}</span></h3>
    ${traces(session, id, run, outputs)}
    ${outputs.map((output) => {
      const items = run.items(output).filter((item) => pagesOf(item) === undefined);
      if (items.length === 0) return nothing;
      return html`
        <div class="results">
          ${items.slice(0, MAX_ITEMS).map((item) => result(session, id, output, item, items.length > 1))}
          ${items.length > MAX_ITEMS ? html`<p class="hint">and ${items.length - MAX_ITEMS} more</p>` : nothing}
        </div>`;
    })}`;
}

/** The step that the node shows is the one shown here. */
function traces(
  session: Session,
  id: string,
  run: NodeRun,
  outputs: readonly string[],
): readonly (TemplateResult | typeof nothing)[] {
  const traced = outputs
    .flatMap((output) => run.items(output))
    .flatMap((item) => {
      const pages = pagesOf(item);
      return pages === undefined ? [] : [{ item, pages }];
    });
  const chosen = session.pages.get(id) ?? traced.reduce((sum, { pages }) => sum + pages.length, 0) - 1;
  let from = 0;
  return traced.map(({ item, pages }) => {
    const first = from;
    from += pages.length;
    if (pages.length === 0) return nothing;
    const at = chosen >= first && chosen < from ? chosen - first : pages.length - 1;
    const show = (page: number) => {
      session.pages.set(id, first + page);
      session.changed();
    };
    const title = traced.length > 1 ? html`<h4>${item.key ?? `item ${item.index + 1}`}</h4>` : nothing;
    return html`<div class="result">${title}${traceView(pages, at, show)}</div>`;
  });
}

function result(session: Session, id: string, output: string, item: ItemResult, isOneOfMany: boolean): TemplateResult {
  const picture = session.pictures.get(id, output, item.index);
  const title = isOneOfMany ? html`<h4>${item.key ?? `item ${item.index + 1}`}</h4>` : nothing;
  return html`<div class="result">${title}${picture === undefined ? body(item.value) : html`<img src=${picture.url} alt=${describeValue(item.value)} /><p class="hint">${describeValue(item.value)}</p>`}</div>`;
}

function body(value: JsonValue): TemplateResult {
  switch (value.kind) {
    case 'Scores':
      return bars(value.entries, value.normalized);
    case 'Answer':
      return html`<p class="text">${value.text}</p>${value.alternatives === undefined ? nothing : bars(value.alternatives, true)}`;
    case 'Text':
    case 'Caption':
      return html`<p class="text">${value.text}</p>`;
    case 'Boxes':
      return html`<table><thead><tr><th>label</th><th>score</th><th>x, y</th><th>size</th></tr></thead><tbody>${value.boxes.map(
        (box) =>
          html`<tr><td>${box.label}</td><td>${score(box.score, true)}</td><td>${Math.round(box.x)}, ${Math.round(box.y)}</td><td>${Math.round(box.width)} × ${Math.round(box.height)}</td></tr>`,
      )}</tbody></table>`;
    case 'Table':
      return html`<table><thead><tr>${value.columns.map((name) => html`<th>${name}</th>`)}</tr></thead><tbody>${value.rows
        .slice(0, 200)
        .map((row) => html`<tr>${row.map((cell) => html`<td>${cellText(cell)}</td>`)}</tr>`)}</tbody></table>`;
    default:
      return html`<p class="text">${describeValue(value)}</p>`;
  }
}

function bars(entries: readonly ScoreEntry[], normalized: boolean): TemplateResult {
  const top = normalized ? 1 : Math.max(...entries.map((entry) => entry.score), 1e-9);
  return html`
    <ol class="bars">
      ${entries.map(
        (entry) =>
          html`<li><span>${entry.label}</span><b>${score(entry.score, normalized)}</b><progress max="1" value=${Math.max(0, entry.score / top)} aria-hidden="true"></progress></li>`,
      )}
    </ol>`;
}
