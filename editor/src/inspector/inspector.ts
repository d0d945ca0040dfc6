/** The panel on the right: the selected node's parameters, sockets, results and documentation. Template only. */
import { html, nothing, type TemplateResult } from 'lit-html';
import { keyed } from 'lit-html/directives/keyed.js';
import { formatSocketType, type ModelInfo, type NodeDescriptor, type SocketType } from '../../../src/protocol/index.ts';
import { outputName, renameNode, setTitle, toggleOutput } from '../document/commands.ts';
import { isName } from '../document/names.ts';
import type { Editor } from '../editor.ts';
import { icons } from '../panels/icons.ts';
import { paint } from '../panels/paint.ts';
import type { Session } from '../session.ts';
import { fieldsOf } from './fields.ts';
import { markdown } from './markdown.ts';
import { resultsOf } from './results.ts';

export function inspector(editor: Editor): TemplateResult {
  const { session } = editor;
  const [id] = session.selection;
  if (session.selection.size > 1) return several(editor);
  if (id === undefined || session.graph.nodes[id] === undefined) return graphPanel(session);
  const descriptor = session.descriptorOf(id);
  if (descriptor === undefined) return unknown(session, id);
  return html`${keyed(id, nodePanel(editor, id, descriptor))}`;
}

function nodePanel(editor: Editor, id: string, descriptor: NodeDescriptor): TemplateResult {
  const { session } = editor;
  const node = session.graph.nodes[id];
  const family = descriptor.type.slice(0, descriptor.type.indexOf('/'));
  return html`
    <header class="panel-title" ${paint(`--family-${family}`)}>
      <i></i>
      <div>
        <input class="title-input" aria-label="Title of the node" spellcheck="false" placeholder=${descriptor.title}
          .value=${node?.title ?? descriptor.title}
          @change=${(event: Event) => {
            const title = (event.target as HTMLInputElement).value;
            session.edit('Rename node', setTitle(id, title === descriptor.title ? '' : title));
          }} />
        ${identity(session, id, descriptor.type)}
      </div>
    </header>
    <div class="panel-body">
      <p class="summary">${descriptor.summary}</p>
      ${problems(session, id)}
      ${fieldsOf(editor, id, descriptor)}
      ${resultsOf(session, id, descriptor)}
      ${sockets(session, id, descriptor)}
      ${documentation(descriptor)}
    </div>`;
}

/** The node's type, and its id: the name that messages, links and the graph file use. */
function identity(session: Session, id: string, type: string): TemplateResult {
  const rename = (event: Event) => {
    const input = event.target as HTMLInputElement;
    const name = input.value.trim();
    if (name === id) return;
    if (!isName(name) || session.graph.nodes[name] !== undefined) {
      session.toast('bad', `“${name}” cannot be the name of this node`, NAME_RULE);
      input.value = id;
      return;
    }
    session.edit('Rename node', renameNode(id, name));
    session.renamed(id, name);
  };
  return html`
    <div class="identity"><code>${type}</code>
      <input aria-label="Id of the node" title="Id: the name that messages and the graph file use" spellcheck="false" maxlength="64"
        .value=${id} @change=${rename} /></div>`;
}

const NAME_RULE = 'It must be free, start with a letter and have only letters, digits, _ and -.';

function problems(session: Session, id: string): TemplateResult | typeof nothing {
  const list = session.problemsByNode.get(id) ?? [];
  const failures = session.run.nodes.get(id)?.errors ?? [];
  if (list.length === 0 && failures.length === 0) return nothing;
  return html`
    <ul class="notes">
      ${list.map(({ level, message, remedy }) => html`<li class=${level}><b>${message}</b><span>${remedy}</span></li>`)}
      ${failures
        .slice(0, 5)
        .map(
          ({ key, error }) =>
            html`<li class="error"><b>${key === undefined ? '' : `${key}: `}${error.message}</b><span>${error.remedy}</span></li>`,
        )}
    </ul>`;
}

function sockets(session: Session, id: string, descriptor: NodeDescriptor): TemplateResult {
  const node = session.graph.nodes[id];
  const resolved = session.outputTypes;
  const inputs = Object.entries(descriptor.inputs).map(([name, spec]) => {
    const link = node?.in?.[name];
    const from =
      link === undefined
        ? undefined
        : html`from <button class="link" type="button" @click=${() => session.select([link[0]])}>${link[0]}</button>`;
    return socket(
      name,
      spec.type,
      spec.doc,
      [spec.optional === true ? 'optional' : '', spec.whole === true ? 'whole list' : ''],
      from,
    );
  });
  const outputs = Object.entries(descriptor.outputs).map(([name, spec]) => {
    const isResult = outputName(session.graph, { node: id, output: name }) !== undefined;
    const toggle = html`
      <button class="chip ${isResult ? 'on' : ''}" type="button" aria-pressed=${isResult}
        title=${isResult ? 'This output is a result of the graph' : 'Make this output a result of the graph'}
        @click=${() => session.edit('Change results', toggleOutput({ node: id, output: name }))}>${icons.star}result</button>`;
    const type = resolved.get(id)?.[name] ?? spec.type;
    return socket(name, type, spec.doc, [descriptor.emitsList === true ? 'list' : ''], toggle);
  });
  return html`
    ${inputs.length === 0 ? nothing : html`<h3>Inputs</h3><ul class="socket-list">${inputs}</ul>`}
    ${outputs.length === 0 ? nothing : html`<h3>Outputs</h3><ul class="socket-list">${outputs}</ul>`}`;
}

function socket(
  name: string,
  type: SocketType,
  doc: string,
  notes: readonly string[],
  extra: TemplateResult | undefined,
): TemplateResult {
  return html`
    <li ${paint(`--socket-${type.kind}`)}>
      <i></i>
      <div>
        <div class="socket-head"><b>${name}</b><code title=${formatSocketType(type)}>${formatSocketType(type)}</code></div>
        <p>${doc}${notes.filter(Boolean).map((note) => html` <em>${note}</em>`)}</p>
        ${extra ?? nothing}
      </div>
    </li>`;
}

function documentation(descriptor: NodeDescriptor): TemplateResult {
  return html`
    <details class="doc">
      <summary>${icons.chevron}About this node</summary>
      <div class="markdown">${markdown(descriptor.doc)}</div>
      ${
        descriptor.paper === undefined
          ? nothing
          : html`<p class="paper">Paper: <a href=${descriptor.paper.url} target="_blank" rel="noreferrer noopener">${descriptor.paper.title}</a></p>`
      }
    </details>`;
}

function several(editor: Editor): TemplateResult {
  const { session } = editor;
  return html`
    <header class="panel-title plain"><div><h2>${session.selection.size} nodes selected</h2></div></header>
    <div class="panel-body">
      <div class="button-row">
        <button class="quiet" type="button" @click=${() => editor.duplicate()}>${icons.copy}Duplicate</button>
        <button class="quiet" type="button" @click=${() => editor.group()}>${icons.fit}Group</button>
        <button class="quiet danger" type="button" @click=${() => editor.deleteSelection()}>${icons.trash}Delete</button>
      </div>
      <p class="summary">Drag one of them to move all. Hold Shift and click to add or take away one.</p>
    </div>`;
}

function unknown(session: Session, id: string): TemplateResult {
  return html`
    <header class="panel-title plain"><div><h2>${id}</h2><code>${session.graph.nodes[id]?.type}</code></div></header>
    <div class="panel-body">${problems(session, id)}</div>`;
}

function graphPanel({ graph, models }: Session): TemplateResult {
  const entries = (record: object | undefined) => Object.keys(record ?? {});
  return html`
    <header class="panel-title plain"><div><h2>${graph.name}</h2></div></header>
    <div class="panel-body">
      ${graph.description === undefined ? nothing : html`<p class="summary">${graph.description}</p>`}
      <h3>Inputs of the graph</h3>
      ${
        entries(graph.inputs).length === 0
          ? html`<p class="hint">None. The plug beside a parameter makes it one: then <code>--set name=value</code> and the API can change it.</p>`
          : html`<ul class="signature">${Object.entries(graph.inputs ?? {}).map(([name, { node, param }]) => html`<li><b>${name}</b><span>${node} · ${param}</span></li>`)}</ul>`
      }
      <h3>Results of the graph</h3>
      ${
        entries(graph.outputs).length === 0
          ? html`<p class="hint">None yet. Run shows what the last nodes make; the star on an output makes it a result.</p>`
          : html`<ul class="signature">${Object.entries(graph.outputs ?? {}).map(([name, [node, output]]) => html`<li><b>${name}</b><span>${node} · ${output}</span></li>`)}</ul>`
      }
      <h3>Models here</h3>
      ${models.length === 0 ? html`<p class="hint">None. <code>weft models pull owner/name</code> downloads one.</p>` : html`<ul class="signature">${models.map(modelLine)}</ul>`}
    </div>`;
}

function modelLine(model: ModelInfo): TemplateResult {
  return html`<li><b>${model.ref}</b><span>${model.family}</span></li>`;
}
