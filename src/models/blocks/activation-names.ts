/** The activations of config.json by the names that transformers gives them. */
import type { ActivationName } from '../../native/stack-spec.ts';
import type { ConfigReader } from './config-reader.ts';

/** Names of one function in several spellings become one: what differs is the order of roundings in float32. */
const ACTIVATIONS: ReadonlyMap<string, ActivationName> = new Map([
  ['gelu', 'gelu'],
  ['gelu_python', 'gelu'],
  ['gelu_new', 'gelu_tanh'],
  ['gelu_fast', 'gelu_tanh'],
  ['gelu_accurate', 'gelu_tanh'],
  ['gelu_pytorch_tanh', 'gelu_tanh'],
  ['gelu_python_tanh', 'gelu_tanh'],
  ['quick_gelu', 'quick_gelu'],
  ['relu', 'relu'],
  ['silu', 'silu'],
  ['swish', 'silu'],
  ['tanh', 'tanh'],
  ['sigmoid', 'sigmoid'],
  ['linear', 'none'],
]);

/** Throws `model/unsupported` for one that is not computed here, by its name. */
export function readActivation(config: ConfigReader, key: string, absent: string): ActivationName {
  const name = config.text(key, absent);
  return ACTIVATIONS.get(name) ?? config.unsupported(key, `one of ${[...ACTIVATIONS.keys()].join(', ')}`, name);
}
