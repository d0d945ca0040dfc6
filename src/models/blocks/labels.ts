/** How many classes a classifier tells apart, and their names, as transformers reads them from config.json. */
import type { ConfigReader } from './config-reader.ts';

/** What transformers assumes where nothing is said. */
const TWO = 2;

export function readLabelCount(config: ConfigReader): number {
  return config.entries('id2label') ?? config.count('num_labels', TWO);
}

/** Their names by number; `LABEL_0`, … where none are given. Throws `model/bad-config` for a number without a name. */
export function readLabels(config: ConfigReader): readonly string[] {
  const count = readLabelCount(config);
  const names = config.has('id2label') ? config.section('id2label') : undefined;
  return Array.from({ length: count }, (_, label) => names?.text(String(label)) ?? `LABEL_${label}`);
}

/** Classes compete, unless there is one only or the configuration says that several may hold. */
export function isExclusive(config: ConfigReader, count: number): boolean {
  return count > 1 && config.text('problem_type', '') !== 'multi_label_classification';
}
