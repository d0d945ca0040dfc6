/**
 * The networks of one model folder: which are there in the form that was chosen, and their sessions. Knows the names of
 * files, no family.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OnnxNetwork } from './network.ts';
import type { OnnxPool } from './pool.ts';
import { chooseForm, listOnnxFiles, type OnnxDtype, refuseMissing } from './variant.ts';

export interface NetworksOptions {
  /** How errors name the model. */
  readonly model: string;
  readonly dtype: OnnxDtype;
  readonly pool: Pick<OnnxPool, 'session'>;
}

export class OnnxNetworks {
  readonly #folder: string;
  readonly #present: readonly string[];
  readonly #options: NetworksOptions;

  private constructor(folder: string, present: readonly string[], options: NetworksOptions) {
    this.#folder = folder;
    this.#present = present;
    this.#options = options;
  }

  static async in(folder: string, options: NetworksOptions): Promise<OnnxNetworks> {
    return new OnnxNetworks(folder, await listOnnxFiles(folder), options);
  }

  /** Whether all of these are there in one form. */
  has(...names: readonly string[]): boolean {
    return chooseForm(this.#present, names, this.#options.dtype) !== undefined;
  }

  /** Throws `model/missing-file`, which names the ONNX files that are there. */
  refuse(...names: readonly string[]): never {
    return refuseMissing(this.#present, names, this.#options);
  }

  /** All in one form. Rejects with `model/missing-file`, and as `OnnxPool.session` does. */
  async open<Names extends readonly string[]>(...names: Names): Promise<{ [Name in keyof Names]: OnnxNetwork }> {
    const files = chooseForm(this.#present, names, this.#options.dtype) ?? this.refuse(...names);
    const opened = await Promise.all(files.map((file) => this.#open(file)));
    return opened as { [Name in keyof Names]: OnnxNetwork };
  }

  async #open(file: string): Promise<OnnxNetwork> {
    const { model, pool } = this.#options;
    const path = join(this.#folder, file);
    const session = await pool.session(path, { model: `${model}/${file}` });
    const sizes = await Promise.all([path, ...session.externalFiles].map((one) => stat(one)));
    return new OnnxNetwork(
      session,
      sizes.reduce((sum, { size }) => sum + size, 0),
    );
  }
}
