/**
 * What a family of models announces: which published checkpoints it reads, which tasks they do, how they are loaded.
 * Types only; each family has a file beside this one, and registry.ts lists them all.
 */
import type { ImageProcessor } from '../../image/processor.ts';
import type { Precision } from '../../native/stack-spec.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import type { OnnxNetworks } from '../onnx/networks.ts';
import type { Checkpoint } from '../towers/checkpoint.ts';
import type { LanguageStack } from '../towers/language-model.ts';
import type { OpenLanguage, OpenTextSearch } from './open-towers.ts';
import type { TaskName, Tasks } from './task.ts';
import type { TowerFeatures } from './tower-features.ts';

export interface FamilyDefinition {
  /** As in `src/models/families/`: one name for one family. */
  readonly name: string;
  /** As people write it: `BridgeTower`. */
  readonly title: string;
  readonly paper: { readonly title: string; readonly url: string };
  /** `model_type` of config.json. */
  readonly modelTypes: readonly string[];
  /** Tasks by the class that config.json's `architectures` names; the first class is taken where it names none. */
  readonly architectures: Readonly<Record<string, readonly [TaskName, ...TaskName[]]>>;
  /** Published checkpoints of this form, as the hub names them. */
  readonly checkpoints: readonly string[];
  /** The saved graph to open first: its file's name in `graphs/`, without `.json`. */
  readonly graph: string;
  /** Rejects with `model/missing-file`, `model/bad-config`, `model/bad-weights`, `model/unsupported`, `native/out-of-memory`. */
  readonly load: (sources: FamilySources) => Promise<LoadedFamily>;
  /** Its causal language model, whose head reads the last row; only families that are one. Throws as `load` rejects. */
  readonly language?: (checkpoint: Checkpoint) => LanguageStack;
  /** From ONNX files, as repositories for transformers.js have them: where the family is published so. */
  readonly onnx?: OnnxDefinition;
}

export interface OnnxDefinition {
  /** Tasks by class, as above: what such files can do. */
  readonly architectures: FamilyDefinition['architectures'];
  /** Rejects with `model/missing-file`, `model/bad-config`, `model/bad-onnx`, `model/unsupported`. */
  readonly load: (sources: OnnxSources) => Promise<LoadedFamily>;
}

/** What tasks are made from whatever runs the weights; what lies beside them is read when asked for. */
export interface TaskSources {
  readonly checkpoint: Omit<Checkpoint, 'weights'>;
  /** The class that the checkpoint is of: one of the family's `architectures`. */
  readonly architecture: string;
  readonly signal?: AbortSignal | undefined;
  /** Rejects with `model/missing-file`, `model/bad-config`. */
  readonly tokenizer: () => Promise<Tokenizer>;
  /** Rejects with `model/missing-file`, `model/bad-config`. */
  readonly imageProcessor: () => Promise<ImageProcessor>;
}

/** What a family loads from: an open checkpoint. */
export interface FamilySources extends TaskSources {
  readonly checkpoint: Checkpoint;
  readonly precision: Precision;
}

/** What a family loads from where its networks are ONNX files. */
export interface OnnxSources extends TaskSources {
  readonly networks: OnnxNetworks;
}

export interface LoadedFamily {
  readonly tasks: Tasks;
  /** Bytes of packed weights. */
  readonly bytes: number;
  /** Width of the embeddings that its feature extractions give, and exp(logit_scale), where there are such. */
  readonly embedding?: { readonly dim: number; readonly logitScale?: number };
  /** Rows of its towers, for those who wire fusion themselves. */
  readonly features?: TowerFeatures;
  /** The language model itself, for methods that choose its tokens by what it does not know. */
  readonly language?: OpenLanguage;
  /** Reads texts that begin alike, where tokens of its text tower see only what is before them. */
  readonly textSearch?: OpenTextSearch;
  /** Lets go of the weights; tasks under way keep them until they end. */
  readonly release: () => void;
}
