/**
 * BridgeTower's bridges of one side: what a tower's layer gives becomes rows of the cross layers' width, and joins what
 * the cross layer below gave.
 */
import { add, multiply } from '../../native/arrange.ts';
import type { NormSpec } from '../../native/stack-spec.ts';
import { Tensor } from '../../native/tensor.ts';
import type { ConfigReader } from '../blocks/config-reader.ts';
import { layerNorm } from '../blocks/linear.ts';
import type { BuildOptions } from '../towers/picture-tower.ts';
import { RowHead, type RowHeadSpec } from '../towers/row-head.ts';
import type { WeightReader } from '../weights/weight-reader.ts';

/** How a bridge weighs its two sides before the norm. */
export interface BridgeWeights {
  readonly tower: number;
  readonly cross: number;
}

export interface BridgeSide {
  readonly width: number;
  /** W tower + b + type; one for all layers, or one for each. */
  readonly transforms: readonly RowHeadSpec[];
  /** After the sum: that of the first cross layer, which reads the tower alone, then those of the others. */
  readonly norms: readonly RowHeadSpec[];
  /** Of the cross layers above the first. */
  readonly weights: readonly BridgeWeights[];
}

export interface BridgePlace {
  readonly side: 'text' | 'image';
  /** Width of the tower. */
  readonly inputs: number;
  readonly width: number;
  /** Cross layers. */
  readonly count: number;
}

const TYPES = { text: 0, image: 1 } as const;
const LINKS = ['add', 'scaled_add', 'interpolate'] as const;

/** Throws `model/unsupported`; what does not fit in the file is told by the reader's `finish`. */
export async function readBridge(
  config: ConfigReader,
  weights: WeightReader,
  { side, inputs, width, count }: BridgePlace,
): Promise<BridgeSide> {
  // transformers cannot run it either.
  config.only('share_link_tower_layers', false);
  const epsilon = config.number('layer_norm_eps', 1e-5);
  const isShared = config.flag('share_cross_modal_transformer_layers', true);
  const types = await weights.floats('token_type_embeddings.weight', [2, width]);
  const type = types.subarray(TYPES[side] * width, (TYPES[side] + 1) * width);
  const norm = side === 'image' ? { norm: postNorm(config, weights, inputs) } : {};
  const transform = async (name: string): Promise<RowHeadSpec> => {
    const bias = await weights.floats(`${name}.bias`, [width]);
    const data = bias.map((value, index) => value + type[index]!);
    const weight = weights.take(`${name}.weight`, [width, inputs]);
    return {
      name: `${config.model} (${name})`,
      width: inputs,
      steps: [{ ...norm, linear: { weight, bias: { data, shape: [width] } } }],
    };
  };
  const name = `cross_modal_${side}_transform`;
  const names = isShared ? [name] : Array.from({ length: count }, (_, layer) => `${name}.${layer}`);
  const links = Array.from({ length: count - 1 }, (_, layer) => `cross_modal_${side}_link_tower.${layer}`);
  const normNames = [`cross_modal_${side}_layernorm`, ...links.map((link) => `${link}.LayerNorm`)];
  return {
    width,
    transforms: await Promise.all(names.map(transform)),
    norms: normNames.map((one) => ({
      name: `${config.model} (${one})`,
      width,
      steps: [{ norm: layerNorm(weights, one, width, epsilon) }],
    })),
    weights: await Promise.all(links.map((link) => readWeights(config, weights, link))),
  };
}

/** The picture tower's last norm stands before every bridge. */
function postNorm(config: ConfigReader, weights: WeightReader, width: number): NormSpec {
  const epsilon = config.section('vision_config').number('layer_norm_eps', 1e-5);
  return layerNorm(weights, 'vision_model.visual.ln_post', width, epsilon);
}

async function readWeights(config: ConfigReader, weights: WeightReader, link: string): Promise<BridgeWeights> {
  const name = config.text('link_tower_type', 'add');
  const kind = LINKS.find((one) => one === name);
  const [factor, beta] = [
    kind === 'scaled_add' ? await weights.floats(`${link}.scaled_factor`, []) : [1],
    kind === 'interpolate' ? await weights.floats(`${link}.beta`, []) : [0.5],
  ] as const;
  switch (kind) {
    case undefined:
      return config.unsupported('link_tower_type', `one of ${LINKS.join(', ')}`, name);
    case 'interpolate':
      return { tower: 1 - beta[0]!, cross: beta[0]! };
    default:
      return { tower: factor[0]!, cross: 1 };
  }
}

export class Bridge {
  readonly #side: BridgeSide;
  readonly #transforms: readonly RowHead[];
  readonly #norms: readonly RowHead[];

  private constructor(side: BridgeSide, transforms: readonly RowHead[], norms: readonly RowHead[]) {
    this.#side = side;
    this.#transforms = transforms;
    this.#norms = norms;
  }

  /** Rejects as `Stack.build` does. */
  static async build(side: BridgeSide, options: BuildOptions = {}): Promise<Bridge> {
    const build = (specs: readonly RowHeadSpec[]) => Promise.all(specs.map((spec) => RowHead.build(spec, options)));
    return new Bridge(side, await build(side.transforms), await build(side.norms));
  }

  get bytes(): number {
    return [...this.#transforms, ...this.#norms].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** W tower + b + type, for the bridge into cross layer `layer`. Rejects as `Stack.run` does. */
  transform(layer: number, tower: Tensor, signal?: AbortSignal): Promise<Tensor> {
    return (this.#transforms[layer] ?? this.#transforms[0]!).run(tower, signal);
  }

  /**
   * What cross layer `layer` reads.
   * @param below what the cross layer below gave; none for the first
   * Rejects as `Stack.run` does.
   */
  async run(layer: number, tower: Tensor, below: Tensor | undefined, signal?: AbortSignal): Promise<Tensor> {
    using seen = await this.transform(layer, tower, signal);
    const norm = this.#norms[layer]!;
    if (below === undefined) return await norm.run(seen, signal);
    const weights = this.#side.weights[layer - 1]!;
    using factors = Tensor.from(new Float32Array(this.#side.width).fill(weights.cross), [this.#side.width]);
    using weighed = await multiply(below, factors, { signal });
    using sum = await add(weighed, seen, { scale: weights.tower, signal });
    return await norm.run(sum, signal);
  }

  /** Lets go of the weights; runs under way keep them until they end. */
  release(): void {
    for (const part of [...this.#transforms, ...this.#norms]) part.release();
  }
}
