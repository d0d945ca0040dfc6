/**
 * Reads a pickle of plain data and tensors: a stack machine of an allow-list of opcodes, whose objects are data of ours.
 * Any other opcode or name is refused by its name. Source: CPython's pickletools, which describes every opcode.
 */
import { PickleDict, PickleGlobal, PickleTuple, type PickleValue } from './pickle-values.ts';
import { isAllowed, makeValue, storageOf } from './torch-globals.ts';

export interface PickleErrors {
  /** What is not plain data. */
  readonly unsafe: (reason: string) => Error;
  /** What is no pickle. */
  readonly broken: (reason: string) => Error;
}

const MARK = Symbol('mark');
type StackItem = PickleValue | typeof MARK;

/** Throws what `errors` make. */
export function readPickle(bytes: Buffer, errors: PickleErrors): PickleValue {
  return new PickleMachine(bytes, errors).run();
}

/** Opcodes that are known and not taken, by the names of pickletools. */
const REFUSED: ReadonlyMap<number, string> = new Map(
  Object.entries({
    i: 'INST',
    o: 'OBJ',
    P: 'PERSID',
    '\x81': 'NEWOBJ',
    '\x92': 'NEWOBJ_EX',
    '\x82': 'EXT1',
    '\x83': 'EXT2',
    '\x84': 'EXT4',
    B: 'BINBYTES',
    C: 'SHORT_BINBYTES',
    '\x8e': 'BINBYTES8',
    '\x96': 'BYTEARRAY8',
    '\x97': 'NEXT_BUFFER',
    '\x8f': 'EMPTY_SET',
    '\x91': 'FROZENSET',
  }).map(([code, name]) => [code.charCodeAt(0), name]),
);

type Step = (machine: PickleMachine) => void;

class PickleMachine {
  readonly #bytes: Buffer;
  readonly #errors: PickleErrors;
  #place = 0;
  readonly #stack: StackItem[] = [];
  readonly #memo = new Map<number, PickleValue>();

  constructor(bytes: Buffer, errors: PickleErrors) {
    this.#bytes = bytes;
    this.#errors = errors;
  }

  /** The opcodes that are taken, with the names of pickletools. */
  static readonly #steps: Readonly<Record<string, Step>> = {
    /* PROTO */ '\x80': (machine) => machine.#checkVersion(),
    /* FRAME */ '\x95': (machine) => machine.#take(8),
    /* MARK */ '(': (machine) => machine.#stack.push(MARK),
    /* POP */ '0': (machine) => machine.#pop(),
    /* NONE */ N: (machine) => machine.#push(null),
    /* NEWTRUE */ '\x88': (machine) => machine.#push(true),
    /* NEWFALSE */ '\x89': (machine) => machine.#push(false),
    /* BININT1 */ K: (machine) => machine.#push(machine.#byte()),
    /* BININT2 */ M: (machine) => machine.#push(machine.#take(2).readUInt16LE()),
    /* BININT */ J: (machine) => machine.#push(machine.#take(4).readInt32LE()),
    /* LONG1 */ '\x8a': (machine) => machine.#push(longOf(machine.#take(machine.#byte()))),
    /* BINFLOAT */ G: (machine) => machine.#push(machine.#take(8).readDoubleBE()),
    /* BINUNICODE */ X: (machine) => machine.#push(machine.#text(machine.#length(), 'utf8')),
    /* SHORT_BINUNICODE */ '\x8c': (machine) => machine.#push(machine.#text(machine.#byte(), 'utf8')),
    /* BINSTRING */ T: (machine) => machine.#push(machine.#text(machine.#length(), 'latin1')),
    /* SHORT_BINSTRING */ U: (machine) => machine.#push(machine.#text(machine.#byte(), 'latin1')),
    /* EMPTY_DICT */ '}': (machine) => machine.#push(new PickleDict()),
    /* EMPTY_LIST */ ']': (machine) => machine.#push([]),
    /* EMPTY_TUPLE */ ')': (machine) => machine.#push(new PickleTuple([])),
    /* TUPLE1 */ '\x85': (machine) => machine.#push(new PickleTuple(machine.#popMany(1))),
    /* TUPLE2 */ '\x86': (machine) => machine.#push(new PickleTuple(machine.#popMany(2))),
    /* TUPLE3 */ '\x87': (machine) => machine.#push(new PickleTuple(machine.#popMany(3))),
    /* TUPLE */ t: (machine) => machine.#push(new PickleTuple(machine.#popToMark())),
    /* APPEND */ a: (machine) => machine.#append(machine.#popMany(1)),
    /* APPENDS */ e: (machine) => machine.#append(machine.#popToMark()),
    /* SETITEM */ s: (machine) => machine.#setItems(machine.#popMany(2)),
    /* SETITEMS */ u: (machine) => machine.#setItems(machine.#popToMark()),
    /* BINPUT */ q: (machine) => machine.#memo.set(machine.#byte(), machine.#top()),
    /* LONG_BINPUT */ r: (machine) => machine.#memo.set(machine.#length(), machine.#top()),
    /* MEMOIZE */ '\x94': (machine) => machine.#memo.set(machine.#memo.size, machine.#top()),
    /* BINGET */ h: (machine) => machine.#push(machine.#remembered(machine.#byte())),
    /* LONG_BINGET */ j: (machine) => machine.#push(machine.#remembered(machine.#length())),
    /* GLOBAL */ c: (machine) => machine.#pushGlobal(machine.#line(), machine.#line()),
    /* STACK_GLOBAL */ '\x93': (machine) => machine.#pushGlobalOfStack(),
    /* BINPERSID */ Q: (machine) => machine.#pushStorage(),
    /* REDUCE */ R: (machine) => machine.#pushMade(),
    /* BUILD */ b: (machine) => machine.#dropState(),
  };

  run(): PickleValue {
    for (;;) {
      const opcode = this.#byte();
      // STOP
      if (opcode === 0x2e) return this.#pop();
      const step = PickleMachine.#steps[String.fromCharCode(opcode)];
      if (step === undefined) {
        const name = REFUSED.get(opcode) ?? `0x${opcode.toString(16)}`;
        throw this.#errors.unsafe(`has the opcode ${name}, which is not taken`);
      }
      step(this);
    }
  }

  #checkVersion(): void {
    if (this.#byte() > 5) throw this.#errors.broken('its pickle has an unknown version');
  }

  #pushGlobalOfStack(): void {
    const [module, name] = this.#popMany(2);
    if (typeof module !== 'string' || typeof name !== 'string') throw this.#errors.broken('a name in it is no text');
    this.#pushGlobal(module, name);
  }

  #pushStorage(): void {
    const storage = storageOf(this.#pop());
    if (storage === undefined) throw this.#errors.unsafe('refers to something that is no storage of numbers');
    this.#push(storage);
  }

  #pushMade(): void {
    const [global, args] = this.#popMany(2);
    if (!(global instanceof PickleGlobal) || !(args instanceof PickleTuple)) {
      throw this.#errors.unsafe('calls something that is no known name (opcode REDUCE)');
    }
    const made = makeValue(global, args);
    if (made === undefined) throw this.#errors.broken(`"${global.name}" has arguments that do not fit`);
    this.#push(made);
  }

  /** Attributes of a dictionary, such as the versions of a state_dict, are no data of it. */
  #dropState(): void {
    this.#pop();
    if (this.#top() instanceof PickleDict) return;
    throw this.#errors.unsafe('sets the state of an object (opcode BUILD)');
  }

  #push(value: PickleValue): void {
    this.#stack.push(value);
  }

  #pushGlobal(module: string, name: string): void {
    const full = `${module}.${name}`;
    if (!isAllowed(full)) throw this.#errors.unsafe(`mentions "${full.slice(0, 200)}", which is not taken`);
    this.#push(new PickleGlobal(full));
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw this.#short();
    return value;
  }

  #popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.#pop()).reverse();
  }

  #popToMark(): PickleValue[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw this.#short();
    const values = this.#stack.splice(at);
    return values.slice(1) as PickleValue[];
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || value === MARK) throw this.#short();
    return value;
  }

  #append(values: readonly PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#errors.broken('it appends to something that is no list');
    for (const value of values) list.push(value);
  }

  #setItems(values: readonly PickleValue[]): void {
    const dict = this.#top();
    if (!(dict instanceof PickleDict) || values.length % 2 !== 0) {
      throw this.#errors.broken('it sets items of something that is no dictionary');
    }
    for (let index = 0; index < values.length; index += 2) dict.set(values[index]!, values[index + 1]!);
  }

  #remembered(key: number): PickleValue {
    const value = this.#memo.get(key);
    if (value === undefined) throw this.#errors.broken('it remembers what it never had');
    return value;
  }

  #length(): number {
    return this.#take(4).readUInt32LE();
  }

  #text(length: number, encoding: 'utf8' | 'latin1'): string {
    return this.#take(length).toString(encoding);
  }

  #byte(): number {
    return this.#take(1)[0]!;
  }

  #take(length: number): Buffer {
    const end = this.#place + length;
    if (end > this.#bytes.length) throw this.#errors.broken('its pickle ends too early');
    const taken = this.#bytes.subarray(this.#place, end);
    this.#place = end;
    return taken;
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#place);
    if (end < 0) throw this.#errors.broken('its pickle ends too early');
    const line = this.#bytes.toString('utf8', this.#place, end);
    this.#place = end + 1;
    return line;
  }

  #short(): Error {
    return this.#errors.broken('its pickle takes more values than it has');
  }
}

/** Little-endian two's complement; a number where it is a safe one. */
function longOf(bytes: Buffer): number | bigint {
  let value = 0n;
  for (const [index, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * index);
  const signed = BigInt.asIntN(8 * bytes.length, value);
  const isSafe = signed >= BigInt(Number.MIN_SAFE_INTEGER) && signed <= BigInt(Number.MAX_SAFE_INTEGER);
  return isSafe ? Number(signed) : signed;
}
