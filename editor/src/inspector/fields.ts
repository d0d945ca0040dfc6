/** One form field per parameter, as its ParamSpec says. Template only; meaning is field-model's. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { NodeDescriptor, ParamSpec, ParamValue } from '../../../src/protocol/index.ts';
import { inputName, toggleInput } from '../document/commands.ts';
import type { Editor } from '../editor.ts';
import { icons } from '../panels/icons.ts';
import { bytes } from '../run/value-text.ts';
import { controlOf, effective, fieldText, modelsFor, parseField, sliderStep, sourceName } from './field-model.ts';

/** Text that does not parse yet, by `node param`: the field keeps showing it with its error. */
const drafts = new Map<string, { text: string; error: string }>();

interface Field {
  readonly editor: Editor;
  readonly node: string;
  readonly name: string;
  readonly spec: ParamSpec;
  readonly value: ParamValue | undefined;
  readonly id: string;
}

export function fieldsOf(editor: Editor, node: string, descriptor: NodeDescriptor): TemplateResult | typeof nothing {
  const entries = Object.entries(descriptor.params);
  if (entries.length === 0) return nothing;
  const values = editor.session.graph.nodes[node]?.params;
  const field = ([name, spec]: [string, ParamSpec]) =>
    fieldRow({ editor, node, name, spec, value: values?.[name], id: `field-${node}-${name}` });
  const plain = entries.filter(([, spec]) => spec.advanced !== true);
  const advanced = entries.filter(([, spec]) => spec.advanced === true);
  const isChanged = advanced.some(([name]) => values?.[name] !== undefined);
  return html`
    <div class="fields">${plain.map(field)}</div>
    ${
      advanced.length === 0
        ? nothing
        : html`<details class="advanced" ?open=${isChanged}><summary>${icons.chevron}Advanced</summary><div class="fields">${advanced.map(field)}</div></details>`
    }`;
}

function fieldRow(field: Field): TemplateResult {
  const { editor, node, name, spec, value, id } = field;
  const { session } = editor;
  const exposed = inputName(session.graph, node, name);
  const draft = drafts.get(`${node} ${name}`);
  const isMissing = effective(spec, value) === undefined && !('optional' in spec && spec.optional === true);
  return html`
    <div class="field ${draft !== undefined ? 'bad' : isMissing ? 'missing' : ''}">
      <div class="field-head">
        <label for=${id}>${name}</label>
        ${spec.kind === 'texts' ? html`<span class="unit">one per line</span>` : nothing}
        ${'unit' in spec && spec.unit !== undefined ? html`<span class="unit">${spec.unit}</span>` : nothing}
        <span class="grow"></span>
        ${
          value !== undefined && (spec.default !== undefined || ('optional' in spec && spec.optional === true))
            ? html`<button class="mini" type="button" title="Back to the default" aria-label="Back to the default of ${name}"
                @click=${() => reset(field)}>${icons.undo}</button>`
            : nothing
        }
        <button class="mini plug ${exposed === undefined ? '' : 'on'}" type="button" aria-pressed=${exposed !== undefined}
          aria-label="Input of the graph" title=${exposed === undefined ? 'Make this an input of the graph' : `Input of the graph: “${exposed}”`}
          @click=${() => session.edit('Change inputs', toggleInput(node, name))}>${icons.plug}</button>
      </div>
      ${control(field)}
      ${draft === undefined ? nothing : html`<p class="field-error" role="alert">${draft.error}</p>`}
      <p class="field-doc">${spec.doc}</p>
    </div>`;
}

function control(field: Field): TemplateResult {
  switch (controlOf(field.spec)) {
    case 'slider':
      return slider(field);
    case 'number':
    case 'line':
    case 'numbers':
      return line(field);
    case 'area':
    case 'lines':
      return area(field);
    case 'toggle':
      return toggle(field);
    case 'select':
      return select(field);
    case 'source':
      return source(field);
    case 'model':
      return model(field);
  }
}

/** Takes what was typed: a value goes into the document, an error stays beside the field. */
function type(field: Field, text: string): void {
  const { editor, node, name, spec } = field;
  const key = `${node} ${name}`;
  const parsed = parseField(spec, text);
  if ('error' in parsed) {
    drafts.set(key, { text, error: parsed.error });
    editor.session.changed();
    return;
  }
  if (drafts.delete(key)) editor.session.changed();
  editor.setParam(node, name, parsed.value);
}

function reset({ editor, node, name }: Field): void {
  drafts.delete(`${node} ${name}`);
  editor.setParam(node, name, undefined);
  editor.session.changed();
}

function shownText({ node, name, spec, value }: Field): string {
  return drafts.get(`${node} ${name}`)?.text ?? (value === undefined ? '' : fieldText(spec, value));
}

function placeholder({ spec }: Field): string {
  if (spec.default !== undefined) return fieldText(spec, undefined);
  return 'optional' in spec && spec.optional === true ? 'not set' : '';
}

const textOf = (event: Event): string => (event.target as HTMLInputElement | HTMLTextAreaElement).value;

function line(field: Field): TemplateResult {
  const isNumber = field.spec.kind === 'number';
  return html`<input id=${field.id} type="text" inputmode=${isNumber ? 'decimal' : 'text'} spellcheck="false" autocomplete="off"
    placeholder=${placeholder(field)} .value=${shownText(field)}
    @change=${(event: Event) => type(field, textOf(event))} />`;
}

function area(field: Field): TemplateResult {
  const isList = field.spec.kind === 'texts';
  const rows = Math.min(
    10,
    Math.max(3, (shownText(field) || placeholder(field)).split('\n').length + (isList ? 1 : 0)),
  );
  // While typing, the field's own text counts: the list without empty lines would move the caret.
  return html`<textarea id=${field.id} rows=${rows} spellcheck="false" placeholder=${placeholder(field) || (isList ? 'One per line' : '')}
      .value=${shownText(field)} @change=${(event: Event) => type(field, textOf(event))}></textarea>`;
}

function slider(field: Field): TemplateResult {
  const spec = field.spec as ParamSpec & { kind: 'number' };
  const shown = effective(spec, field.value);
  return html`
    <div class="slider">
      <input type="range" aria-label=${field.name} min=${spec.min ?? 0} max=${spec.max ?? 1} step=${sliderStep(spec)}
        .value=${String(shown ?? spec.min ?? 0)} @input=${(event: Event) => type(field, textOf(event))} />
      <input id=${field.id} type="text" inputmode="decimal" autocomplete="off" placeholder=${placeholder(field)}
        .value=${shownText(field)} @change=${(event: Event) => type(field, textOf(event))} />
    </div>`;
}

function toggle(field: Field): TemplateResult {
  return html`
    <label class="switch"><input id=${field.id} type="checkbox" role="switch" .checked=${effective(field.spec, field.value) === true}
      @change=${(event: Event) => field.editor.setParam(field.node, field.name, (event.target as HTMLInputElement).checked)} /><i></i></label>`;
}

function select(field: Field): TemplateResult {
  const { options } = field.spec as ParamSpec & { kind: 'choice' };
  const shown = effective(field.spec, field.value);
  return html`
    <select id=${field.id} @change=${(event: Event) => type(field, textOf(event))}>
      ${options.map((option) => html`<option value=${option} ?selected=${option === shown}>${option}</option>`)}
    </select>`;
}

function model(field: Field): TemplateResult {
  const spec = field.spec as ParamSpec & { kind: 'model' };
  const { models } = field.editor.session;
  const fitting = modelsFor(spec, models);
  const shown = effective(spec, field.value);
  const listed = fitting.some(({ ref }) => ref === shown);
  return html`
    <select id=${field.id} @change=${(event: Event) => type(field, textOf(event))}>
      ${shown === undefined ? html`<option value="" selected>${fitting.length === 0 ? 'no fitting model here' : 'choose a model'}</option>` : nothing}
      ${shown !== undefined && !listed ? html`<option value=${String(shown)} selected>${String(shown)} (not here)</option>` : nothing}
      ${fitting.map(({ ref, family, bytes: size }) => html`<option value=${ref} ?selected=${ref === shown}>${ref} · ${family}, ${bytes(size)}</option>`)}
    </select>
    <input type="text" class="second" aria-label="${field.name} by name or path" placeholder="or a name or path" spellcheck="false"
      .value=${listed || field.value === undefined ? '' : String(field.value)} @change=${(event: Event) => type(field, textOf(event))} />`;
}

function source(field: Field): TemplateResult {
  const { editor, node, name, spec } = field;
  const isImage = spec.kind === 'source' && spec.accept === 'image';
  const { session } = editor;
  const output = Object.entries(session.descriptorOf(node)?.outputs ?? {}).find(
    ([, { type: socket }]) => socket.kind === 'Image',
  );
  const picture = output === undefined ? undefined : session.pictures.get(node, output[0], 0);
  const shown = effective(spec, field.value);
  const text =
    typeof shown === 'string' && (shown.startsWith('upload:') || shown.startsWith('data:')) ? '' : shownText(field);
  const take = (files: FileList | null | undefined) => {
    const [file] = files ?? [];
    if (file !== undefined) void editor.usePicture(file, node, name);
  };
  return html`
    <label class="drop ${picture === undefined ? '' : 'filled'}"
      @dragover=${(event: DragEvent) => event.preventDefault()}
      @drop=${(event: DragEvent) => {
        event.preventDefault();
        event.stopPropagation();
        take(event.dataTransfer?.files);
      }}>
      ${
        picture === undefined
          ? html`${icons.picture}<span>Drop, paste or <u>choose ${isImage ? 'a picture' : 'a file'}</u></span>`
          : html`<img src=${picture.url} alt=${typeof shown === 'string' ? sourceName(shown) : ''} /><span class="over">Replace</span>`
      }
      <input type="file" accept=${isImage ? 'image/*' : ''} aria-label="Choose ${isImage ? 'a picture' : 'a file'} for ${name}"
        @change=${(event: Event) => {
          take((event.target as HTMLInputElement).files);
          (event.target as HTMLInputElement).value = '';
        }} />
    </label>
    <input id=${field.id} class="second" type="text" spellcheck="false" autocomplete="off"
      placeholder=${typeof shown === 'string' && text === '' ? sourceName(shown) : 'or a path, folder or glob'}
      .value=${text} @change=${(event: Event) => type(field, textOf(event))} />`;
}
