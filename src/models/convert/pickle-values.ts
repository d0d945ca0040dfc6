/** What a checkpoint's pickle may be made of. Data only: nothing here can be called. */

/** `module.name`, as Python would import it; only what torch-globals.ts allows becomes one. */
export class PickleGlobal {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

export class PickleTuple {
  readonly items: readonly PickleValue[];

  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** A dictionary, ordered or not; keys that are no texts or numbers cannot be looked up and are left out. */
export class PickleDict {
  readonly entries = new Map<string | number, PickleValue>();

  set(key: PickleValue, value: PickleValue): void {
    if (typeof key === 'string' || typeof key === 'number') this.entries.set(key, value);
  }
}

/** Numbers of one kind that lie in one entry of the archive. */
export class PickleStorage {
  readonly dtype: StorageDtype;
  /** The entry's name below `data/`. */
  readonly key: string;
  readonly count: number;

  constructor(dtype: StorageDtype, key: string, count: number) {
    this.dtype = dtype;
    this.key = key;
    this.count = count;
  }
}

/** A view of a storage; offset and strides count numbers. */
export class PickleTensor {
  readonly storage: PickleStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(storage: PickleStorage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleValue[]
  | PickleGlobal
  | PickleTuple
  | PickleDict
  | PickleStorage
  | PickleTensor;

/** As safetensors names it, and the bytes of one number. */
export interface StorageDtype {
  readonly name: 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';
  readonly bytes: 1 | 2 | 4 | 8;
}
