/** The list at the bottom: what is unfinished or wrong, live; a click shows the node. Template only. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { Problem } from '../document/checks.ts';
import type { Editor } from '../editor.ts';
import { flattenError } from '../run/run-state.ts';
import { count } from '../run/value-text.ts';
import { icons } from './icons.ts';

/** A person scrolls no further than this. */
const MAX_LISTED = 100;

interface Line {
  readonly level: 'todo' | 'error';
  readonly message: string;
  readonly remedy: string;
  readonly node?: string | undefined;
  readonly code: string;
}

export function problemsPanel(editor: Editor, isOpen: boolean, toggle: () => void): TemplateResult {
  const lines = allLines(editor);
  const errors = lines.filter(({ level }) => level === 'error').length;
  const todos = lines.length - errors;
  return html`
    <button class="problems-head" type="button" aria-expanded=${isOpen} @click=${toggle} ?disabled=${lines.length === 0}>
      ${
        lines.length === 0
          ? html`<span class="fine">${icons.check}${Object.keys(editor.session.graph.nodes).length === 0 ? 'Nothing here yet' : 'Ready to run'}</span>`
          : html`
            ${errors === 0 ? nothing : html`<span class="error">${icons.warn}${count(errors, 'error')}</span>`}
            ${todos === 0 ? nothing : html`<span class="todo"><i></i>${count(todos, 'thing')} left to do</span>`}
            <span class="first">${isOpen ? '' : lines[0]?.message}</span>
            ${icons.chevron}`
      }
    </button>
    ${isOpen && lines.length > 0 ? html`<ul class="problem-list">${lines.slice(0, MAX_LISTED).map((line) => row(editor, line))}</ul>` : nothing}`;
}

function row(editor: Editor, line: Line): TemplateResult {
  const { node } = line;
  const show = () => {
    if (node === undefined || editor.session.graph.nodes[node] === undefined) return;
    editor.session.select([node]);
    editor.view.focus(node);
  };
  return html`
    <li class=${line.level}>
      <button type="button" @click=${show} title=${line.code}>
        <i></i><span class="what">${line.message}</span><span class="remedy">${line.remedy}</span>
      </button>
      ${
        line.code === 'graph/no-output'
          ? html`<button class="fix" type="button" @click=${() => editor.showLastResults()}>Show the last results</button>`
          : nothing
      }
    </li>`;
}

function allLines({ session }: Editor): readonly Line[] {
  const checked: readonly Problem[] = session.problems;
  const failed: Line[] = [];
  for (const [node, { errors }] of session.run.nodes) {
    for (const { key, error } of errors) {
      const message = key === undefined ? error.message : `${key}: ${error.message}`;
      failed.push({ level: 'error', message, remedy: error.remedy, node, code: error.code });
    }
  }
  const { error, phase } = session.run;
  const whole = phase === 'failed' && error !== undefined ? flattenError(error) : [];
  const known = new Set([...checked, ...failed].map(({ message }) => message));
  const fromServer = whole
    .filter(({ message }) => !known.has(message))
    .map(
      (shape): Line => ({
        level: 'error',
        message: shape.message,
        remedy: shape.remedy,
        node: shape.node,
        code: shape.code,
      }),
    );
  return [
    ...fromServer,
    ...failed,
    ...[...checked].sort((a, b) => Number(a.level === 'todo') - Number(b.level === 'todo')),
  ];
}
