/**
 * Parameters as form fields: which control a ParamSpec gets, how its value reads as text, what typed text means.
 * Pure; meaning is checked by src/graph, the same check that the server makes.
 */
import { checkParam } from '../../../src/graph/index.ts';
import type { ModelInfo, ParamSpec, ParamValue } from '../../../src/protocol/index.ts';

export type Control =
  | 'slider'
  | 'number'
  | 'line'
  | 'area'
  | 'toggle'
  | 'select'
  | 'lines'
  | 'numbers'
  | 'source'
  | 'model';

export function controlOf(spec: ParamSpec): Control {
  switch (spec.kind) {
    case 'number':
      return spec.min !== undefined && spec.max !== undefined && spec.max - spec.min <= 100_000 ? 'slider' : 'number';
    case 'text':
      return spec.multiline === true ? 'area' : 'line';
    case 'boolean':
      return 'toggle';
    case 'choice':
      return 'select';
    case 'texts':
      return 'lines';
    case 'numbers':
      return 'numbers';
    case 'source':
      return 'source';
    case 'model':
      return 'model';
  }
}

/** Value, else default. */
export function effective(spec: ParamSpec, value: ParamValue | undefined): ParamValue | undefined {
  return value ?? spec.default;
}

/** A value as the text of its field; lists one per line. */
export function fieldText(spec: ParamSpec, value: ParamValue | undefined): string {
  const shown = effective(spec, value);
  if (shown === undefined) return '';
  if (Array.isArray(shown)) return shown.join(spec.kind === 'numbers' ? ', ' : '\n');
  return String(shown);
}

/**
 * What the typed text means: a value, undefined for "back to the default", or an error.
 * An empty field means the default where there is one; a text parameter may be empty.
 */
export function parseField(spec: ParamSpec, text: string): { value: ParamValue | undefined } | { error: string } {
  const value = toValue(spec, text);
  if (value === undefined) return { value: undefined };
  const problem = checkParam(spec, value);
  if (problem === undefined) return { value };
  return { error: `Expected ${problem.expected}.` };
}

function toValue(spec: ParamSpec, text: string): ParamValue | undefined {
  switch (spec.kind) {
    case 'number': {
      const trimmed = text.trim();
      if (trimmed === '') return undefined;
      const number = Number(trimmed.replace(',', '.'));
      return Number.isNaN(number) ? trimmed : number;
    }
    case 'boolean':
      return text === 'true';
    case 'texts': {
      const lines = text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
      return lines.length === 0 ? undefined : lines;
    }
    case 'numbers': {
      const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
      if (parts.length === 0) return undefined;
      const numbers = parts.map(Number);
      return numbers.some(Number.isNaN) ? text : numbers;
    }
    case 'text':
      return text === '' && spec.default === undefined ? undefined : text;
    default:
      return text.trim() === '' ? undefined : text.trim();
  }
}

/** Step of a slider: the spec's, whole numbers for integers, else a hundredth of the range. */
export function sliderStep(spec: ParamSpec & { kind: 'number' }): number {
  if (spec.step !== undefined) return spec.step;
  if (spec.integer === true) return 1;
  const range = (spec.max ?? 1) - (spec.min ?? 0);
  return 10 ** Math.floor(Math.log10(range / 100));
}

/** Models that a parameter takes, own ones first. */
export function modelsFor(spec: ParamSpec & { kind: 'model' }, models: readonly ModelInfo[]): readonly ModelInfo[] {
  const place = { zoo: 0, hub: 1, folder: 2 };
  return models
    .filter((model) => spec.families.length === 0 || spec.families.includes(model.family))
    .sort((a, b) => place[a.source] - place[b.source] || a.ref.localeCompare(b.ref));
}

/** A value in a few characters, for the node on the canvas. */
export function shortValue(spec: ParamSpec, value: ParamValue): string {
  if (spec.kind === 'source' && typeof value === 'string') return sourceName(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) {
    const joined = value.join(', ');
    return joined.length <= 28 ? joined : `${value.length} ${spec.kind === 'numbers' ? 'numbers' : 'lines'}`;
  }
  if (typeof value === 'number' && spec.kind === 'number' && spec.unit !== undefined) return `${value} ${spec.unit}`;
  return String(value).replace(/\s+/g, ' ');
}

export function sourceName(source: string): string {
  if (source.startsWith('data:')) return 'picture in the graph';
  if (source.startsWith('upload:')) return 'your picture';
  return source.slice(Math.max(source.lastIndexOf('/'), source.lastIndexOf('\\')) + 1) || source;
}

/** The parameters worth a line on the node: what was set, and what decides the most. */
export function paramsOnNode(
  specs: Readonly<Record<string, ParamSpec>>,
  values: Readonly<Record<string, ParamValue>> | undefined,
): readonly (readonly [string, string])[] {
  const lines: [string, string][] = [];
  for (const [name, spec] of Object.entries(specs)) {
    const given = values?.[name];
    const value = effective(spec, given);
    const decides = spec.kind === 'model' || spec.kind === 'source' || spec.kind === 'texts';
    if (value === undefined || (given === undefined && (!decides || spec.advanced === true))) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    lines.push([name, shortValue(spec, value)]);
  }
  return lines.slice(0, 4);
}
