/**
 * A pickle, read as data alone. A pickle is a program that may call anything; of it only what makes up tensors, lists
 * and dictionaries is understood, nothing is ever run, and any other name is refused.
 *
 * Opcodes: Lib/pickletools.py of CPython.
 */

/** A tensor of a file that PyTorch saved, before its numbers are read. */
export class PickledTensor {
  constructor(
    readonly storage: PickledStorage,
    /** In elements, as `shape` and `strides` are. */
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** Numbers in an entry of their own. */
export class PickledStorage {
  constructor(
    /** `FloatStorage` */
    readonly type: string,
    readonly key: string,
    readonly elements: number,
  ) {}
}

class Named {
  constructor(readonly name: string) {}
}
const MARK = Symbol("mark");

export type Pickled =
  | string
  | number
  | boolean
  | null
  | PickledTensor
  | PickledStorage
  | Named
  | PickledList
  | PickledMap;
export type PickledList = Pickled[];
export type PickledMap = Map<Pickled, Pickled>;

/** Why a pickle is not read, in words that follow "found". */
export class PickleFault extends Error {}

const STORAGE = /^torch (\w+Storage)$/;
const CALLABLE: ReadonlySet<string> = new Set([
  "torch._utils _rebuild_tensor_v2",
  "torch._utils _rebuild_parameter",
  "collections OrderedDict",
]);
/** A direction of a hundred layers takes 4,000. */
const MOST_STEPS = 1_000_000;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** @throws {PickleFault} for what is no data, and for what is cut short */
export function readPickle(bytes: Uint8Array): Pickled {
  return new Machine(bytes).run();
}

class Machine {
  readonly #view: DataView;
  #at = 0;
  #stack: (Pickled | typeof MARK)[] = [];
  readonly #memo = new Map<number, Pickled>();

  constructor(private readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): Pickled {
    for (let step = 0; step < MOST_STEPS; step++) {
      const code = String.fromCharCode(this.#byte());
      if (code === ".") return this.#pop();
      const operation = OPERATIONS.get(code);
      if (operation === undefined) {
        throw new PickleFault(`an instruction that no tensor needs (byte ${this.#at - 1}, ${JSON.stringify(code)})`);
      }
      operation(this);
    }
    throw new PickleFault(`more than ${MOST_STEPS} instructions`);
  }

  // What the operations are made of.

  push(value: Pickled): void {
    this.#stack.push(value);
  }
  mark(): void {
    this.#stack.push(MARK);
  }
  take(count: number): Pickled[] {
    return Array.from({ length: count }, () => this.#pop()).toReversed();
  }
  sinceMark(): Pickled[] {
    const place = this.#stack.lastIndexOf(MARK);
    if (place < 0) throw new PickleFault("a list without a beginning");
    const values = this.#stack.splice(place).slice(1);
    return values as Pickled[];
  }
  top(): Pickled {
    const value = this.#stack.at(-1);
    if (value === undefined || value === MARK) throw new PickleFault("nothing where there must be a value");
    return value;
  }
  remember(place: number): void {
    this.#memo.set(place, this.top());
  }
  get memorized(): number {
    return this.#memo.size;
  }
  recall(place: number): void {
    const value = this.#memo.get(place);
    if (value === undefined) throw new PickleFault("a value that was never remembered");
    this.push(value);
  }
  number(size: 1 | 2 | 4 | 8): number {
    const at = this.#skip(size);
    if (size === 1) return this.#view.getUint8(at);
    if (size === 2) return this.#view.getUint16(at, true);
    return size === 4 ? this.#view.getInt32(at, true) : this.#view.getFloat64(at, false);
  }
  long(size: number): number {
    if (size > 8) throw new PickleFault("a number of more than 64 bits");
    const at = this.#skip(size);
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#view.getUint8(at + i));
    return Number(BigInt.asIntN(size * 8, value));
  }
  text(size: number): string {
    const at = this.#skip(size);
    try {
      return utf8.decode(this.bytes.subarray(at, at + size));
    } catch {
      throw new PickleFault("a name that is not UTF-8");
    }
  }
  line(): string {
    const end = this.bytes.indexOf(10, this.#at);
    if (end < 0) throw new PickleFault("a name without an end");
    const text = this.text(end - this.#at);
    this.#at = end + 1;
    return text;
  }

  #byte(): number {
    return this.#view.getUint8(this.#skip(1));
  }
  #skip(size: number): number {
    const at = this.#at;
    if (size < 0 || at + size > this.bytes.length) throw new PickleFault("one that is cut short");
    this.#at += size;
    return at;
  }
  #pop(): Pickled {
    const value = this.top();
    this.#stack.pop();
    return value;
  }
}

type Operation = (machine: Machine) => void;

const remember =
  (place: (machine: Machine) => number): Operation =>
  (machine) =>
    machine.remember(place(machine));

const tuple =
  (size: number): Operation =>
  (machine) =>
    machine.push(machine.take(size));

const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["\x80", (m) => void m.number(1)],
  ["\x95", (m) => void m.number(8)],
  ["(", (m) => m.mark()],
  ["N", (m) => m.push(null)],
  ["\x88", (m) => m.push(true)],
  ["\x89", (m) => m.push(false)],
  ["K", (m) => m.push(m.number(1))],
  ["M", (m) => m.push(m.number(2))],
  ["J", (m) => m.push(m.number(4))],
  ["G", (m) => m.push(m.number(8))],
  ["\x8a", (m) => m.push(m.long(m.number(1)))],
  ["X", (m) => m.push(m.text(m.number(4)))],
  ["\x8c", (m) => m.push(m.text(m.number(1)))],
  ["}", (m) => m.push(new Map())],
  ["]", (m) => m.push([])],
  [")", (m) => m.push([])],
  ["t", (m) => m.push(m.sinceMark())],
  ["\x85", tuple(1)],
  ["\x86", tuple(2)],
  ["\x87", tuple(3)],
  ["a", (m) => append(m, m.take(1))],
  ["e", (m) => append(m, m.sinceMark())],
  ["s", (m) => set(m, m.take(2))],
  ["u", (m) => set(m, m.sinceMark())],
  ["q", remember((m) => m.number(1))],
  ["r", remember((m) => m.number(4))],
  ["\x94", remember((m) => m.memorized)],
  ["h", (m) => m.recall(m.number(1))],
  ["j", (m) => m.recall(m.number(4))],
  ["c", (m) => m.push(named(`${m.line()} ${m.line()}`))],
  [
    "\x93",
    (m) => {
      const [module, name] = m.take(2);
      if (typeof module !== "string" || typeof name !== "string") throw new PickleFault("a name that is no text");
      m.push(named(`${module} ${name}`));
    },
  ],
  ["Q", (m) => m.push(storageOf(m.take(1)[0]))],
  ["R", call],
  // The state of an OrderedDict, which PyTorch leaves there; nothing of it is needed.
  ["b", (m) => void m.take(1)],
]);

function append(machine: Machine, values: readonly Pickled[]): void {
  const list = machine.top();
  if (!Array.isArray(list)) throw new PickleFault("something appended to what is no list");
  for (const value of values) list.push(value);
}

function set(machine: Machine, pairs: readonly Pickled[]): void {
  const map = machine.top();
  if (!(map instanceof Map)) throw new PickleFault("something set in what is no dictionary");
  for (let i = 0; i + 1 < pairs.length; i += 2) map.set(pairs[i] as Pickled, pairs[i + 1] as Pickled);
}

/** The names that may stand in a file of tensors; a name of anything else could run whatever its writer liked. */
function named(name: string): Named {
  if (STORAGE.test(name) || CALLABLE.has(name)) return new Named(name);
  const shown = JSON.stringify(name.replace(" ", ".").slice(0, 80));
  throw new PickleFault(`something other than tensors: ${shown}, which is not read because it could run code`);
}

function storageOf(value: Pickled | undefined): PickledStorage {
  const [kind, type, key, , elements] = Array.isArray(value) ? value : [];
  const name = type instanceof Named ? STORAGE.exec(type.name)?.[1] : undefined;
  if (kind !== "storage" || name === undefined || typeof key !== "string" || !isCount(elements)) {
    throw new PickleFault("a storage that is not as PyTorch writes it");
  }
  return new PickledStorage(name, key, elements);
}

function call(machine: Machine): void {
  const [what, given] = machine.take(2);
  if (!(what instanceof Named) || !Array.isArray(given)) throw new PickleFault("a call that no tensor needs");
  if (what.name === "collections OrderedDict") return machine.push(new Map());
  if (what.name === "torch._utils _rebuild_parameter") {
    const [tensor] = given;
    if (tensor instanceof PickledTensor) return machine.push(tensor);
  }
  const [from, offset, shape, strides] = given;
  if (what.name === "torch._utils _rebuild_tensor_v2" && from instanceof PickledStorage && isCount(offset)) {
    if (isCounts(shape) && isCounts(strides) && shape.length === strides.length) {
      return machine.push(new PickledTensor(from, offset, shape, strides));
    }
  }
  throw new PickleFault("a tensor that is not as PyTorch writes it");
}

const isCount = (value: Pickled | undefined): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isCounts = (value: Pickled | undefined): value is number[] =>
  Array.isArray(value) && value.every((item) => isCount(item));
