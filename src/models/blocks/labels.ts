/** How many classes a classifier tells apart, as transformers reads it from config.json. */
import type { ConfigReader } from './config-reader.ts';

/** What transformers assumes where nothing is said. */
const TWO = 2;

export function readLabelCount(config: ConfigReader): number {
  return config.entries('id2label') ?? config.count('num_labels', TWO);
}
