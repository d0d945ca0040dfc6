/**
 * Parameter specifications of nodes, as data: one description serves validation, editor widgets, CLI and documentation.
 * Browser-safe leaf.
 */

interface Common {
  readonly doc: string;
  /** Hidden behind "more" in the editor. */
  readonly advanced?: boolean;
}

/** A parameter without a default (and not optional) must be given. */
export type ParamSpec = Common &
  (
    | {
        readonly kind: 'number';
        readonly default?: number;
        readonly optional?: boolean;
        readonly min?: number;
        readonly max?: number;
        readonly step?: number;
        readonly integer?: boolean;
        readonly unit?: string;
      }
    | {
        readonly kind: 'text';
        readonly default?: string;
        readonly optional?: boolean;
        readonly multiline?: boolean;
        readonly maxLength?: number;
      }
    | { readonly kind: 'boolean'; readonly default: boolean }
    | { readonly kind: 'choice'; readonly options: readonly string[]; readonly default: string }
    | {
        readonly kind: 'texts';
        readonly default?: readonly string[];
        readonly optional?: boolean;
        readonly minItems?: number;
        readonly maxItems?: number;
      }
    | {
        readonly kind: 'numbers';
        readonly default?: readonly number[];
        readonly optional?: boolean;
        readonly minItems?: number;
        readonly maxItems?: number;
      }
    /** A file, folder, glob, data URL or `upload:` reference. */
    | {
        readonly kind: 'source';
        readonly accept: 'image' | 'file';
        readonly default?: string;
        readonly optional?: boolean;
      }
    /** A model reference: `zoo/NAME`, a hub repository `owner/name`, or a folder or file path. No families: any will do. */
    | {
        readonly kind: 'model';
        readonly families: readonly string[];
        readonly default?: string;
        readonly optional?: boolean;
      }
  );

export type ParamSpecs = Readonly<Record<string, ParamSpec>>;

export type ParamValue = string | number | boolean | readonly string[] | readonly number[];

type Raw<S extends ParamSpec> = S extends { kind: 'number' }
  ? number
  : S extends { kind: 'boolean' }
    ? boolean
    : S extends { kind: 'texts' }
      ? readonly string[]
      : S extends { kind: 'numbers' }
        ? readonly number[]
        : S extends { kind: 'choice'; options: readonly (infer Option)[] }
          ? Option
          : string;

/** The parameters a node's `run` receives: defaults filled in, so only optional ones may be undefined. */
export type ParamsOf<P extends ParamSpecs> = {
  readonly [K in keyof P]: P[K] extends { optional: true } ? Raw<P[K]> | undefined : Raw<P[K]>;
};
