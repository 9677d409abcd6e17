/**
 * One template both writes and reads: `"I have had a {symptom} [for|since] {time}."`
 *
 * - `{slot}` is a word of the lexicon of that name; the same slot twice is the same word.
 * - `{slot2}`, `{slot3}` draw from lexicon `slot` too, but never a word its siblings already have.
 * - `[a|b]` is one of its alternatives; they nest and may be empty. `\` makes the next character plain.
 *
 * Reading is anchored at both ends and backtracks only over words and alternatives that the text really starts
 * with; text longer than the longest thing a template can say is turned away at once, so hostile text is cheap.
 */
import type { Random } from "../statistics/index.js";
import { isFree, read, type Rest } from "./template-reading.js";
import { longest, parse, type Bindings, type Lexicons, type Sequence, type Slot } from "./template-syntax.js";
import { splitOpenEnd } from "./tokens.js";

export type { Bindings, Lexicons, OpenLexicon } from "./template-syntax.js";

export interface Sample {
  readonly text: string;
  readonly bindings: Bindings;
}

interface Parsed {
  readonly nodes: Sequence;
  readonly slots: ReadonlyMap<string, Slot>;
  /** Characters of the longest text it can produce. */
  readonly longest: number;
}

export class Template {
  readonly source: string;
  readonly #lexicons: Lexicons;
  #parsed: Parsed | undefined;
  #count: number | undefined;

  /** The source is parsed when it is first used: the world has thousands of templates, and most commands use none. */
  constructor(source: string, lexicons: Lexicons = {}) {
    this.source = source;
    this.#lexicons = lexicons;
  }

  get #template(): Parsed {
    if (this.#parsed === undefined) {
      const slots = new Map<string, Slot>();
      const nodes = parse(this.source, this.#lexicons, slots);
      this.#parsed = { nodes, slots, longest: longest(nodes) };
    }
    return this.#parsed;
  }

  get #nodes(): Sequence {
    return this.#template.nodes;
  }

  /** Names of the slots, in order of appearance. */
  get slots(): string[] {
    return [...this.#template.slots.keys()];
  }

  /** One saying; slots named in `bindings` keep their word, the others and the alternatives are drawn evenly. */
  sample(random: Random, bindings: Bindings = {}): Sample {
    const bound: Record<string, string> = { ...bindings };
    return { text: write(this.#nodes, random, bound), bindings: bound };
  }

  /** The words that make this template say exactly `text` (and agree with `bindings`), or undefined. */
  match(text: string, bindings: Bindings = {}): Bindings | undefined {
    if (text.length > this.#template.longest) return undefined;
    const bound: Record<string, string> = { ...bindings };
    return read(text, 0, bound, { nodes: this.#nodes, at: 0, next: undefined }) ? bound : undefined;
  }

  /** In how many ways it can be said (an open lexicon counts as one word). */
  get count(): number {
    this.#count ??= count({ nodes: this.#nodes, at: 0, next: undefined }, new Set());
    return this.#count;
  }

  /** Every saying, the last slot varying fastest. Only for templates whose `count` is modest. */
  *expand(bindings: Bindings = {}): Generator<Sample> {
    yield* expand({ nodes: this.#nodes, at: 0, next: undefined }, "", { ...bindings });
  }

  /** The first `words` words of everything it can say; undefined when an open lexicon comes that early. */
  heads(words: number): Set<string> | undefined {
    return heads(this.#nodes, words);
  }

  /** Adds to `into` every token it can emit when `before` (nothing or a space) stands in front of it. */
  collectTokens(into: Set<string>, before: "" | " " = ""): void {
    for (const open of collect(this.#nodes, new Set([before]), into)) if (open !== "") into.add(open);
  }
}

/** The first `words` words of `text`, the key under which templates are looked up. */
export function headOf(text: string, words: number): string {
  let end = -1;
  for (let i = 0; i < words; i++) {
    end = text.indexOf(" ", end + 1);
    if (end < 0) return text;
  }
  return text.slice(0, end);
}

function write(nodes: Sequence, random: Random, bound: Record<string, string>): string {
  let text = "";
  for (const node of nodes) {
    if (node.kind === "text") text += node.text;
    else if (node.kind === "choice") text += write(random.pick(node.options), random, bound);
    else text += bound[node.name] ??= draw(node, random, bound);
  }
  return text;
}

function draw(slot: Slot, random: Random, bound: Bindings): string {
  if (slot.open !== undefined) return slot.open.sample(random);
  const word = random.pick(slot.words);
  if (isFree(slot, word, bound)) return word;
  return random.pick(slot.words.filter((other) => isFree(slot, other, bound)));
}

function count(rest: Rest | undefined, bound: ReadonlySet<string>): number {
  if (rest === undefined) return 1;
  const node = rest.nodes[rest.at];
  if (node === undefined) return count(rest.next, bound);
  const after: Rest = { nodes: rest.nodes, at: rest.at + 1, next: rest.next };
  if (node.kind === "text") return count(after, bound);
  if (node.kind === "choice") {
    return node.options.reduce((sum, nodes) => sum + count({ nodes, at: 0, next: after }, bound), 0);
  }
  if (bound.has(node.name)) return count(after, bound);
  const taken = node.siblings.filter((sibling) => bound.has(sibling)).length;
  const words = node.open === undefined ? node.words.length - taken : 1;
  return words * count(after, new Set([...bound, node.name]));
}

function* expand(rest: Rest | undefined, text: string, bound: Bindings): Generator<Sample> {
  if (rest === undefined) {
    yield { text, bindings: bound };
    return;
  }
  const node = rest.nodes[rest.at];
  const after: Rest = { nodes: rest.nodes, at: rest.at + 1, next: rest.next };
  if (node === undefined) yield* expand(rest.next, text, bound);
  else if (node.kind === "text") yield* expand(after, text + node.text, bound);
  else if (node.kind === "choice") {
    for (const nodes of node.options) yield* expand({ nodes, at: 0, next: after }, text, bound);
  } else {
    const fixed = bound[node.name];
    const words = fixed !== undefined ? [fixed] : (node.open?.examples ?? node.words);
    for (const word of words) {
      if (fixed !== undefined || isFree(node, word, bound)) {
        yield* expand(after, text + word, { ...bound, [node.name]: word });
      }
    }
  }
}

function heads(nodes: Sequence, words: number): Set<string> | undefined {
  const done = new Set<string>();
  let undecided = false;
  const grow = (sequence: Sequence, open: Set<string>): Set<string> => {
    for (const node of sequence) {
      if (open.size === 0) break;
      const pieces = node.kind === "text" ? [node.text] : node.kind === "slot" ? node.words : undefined;
      if (node.kind === "slot" && node.open !== undefined) {
        undecided = true;
        return new Set();
      }
      const grown = new Set<string>();
      for (const text of open) {
        const all = pieces?.map((piece) => text + piece) ?? [];
        for (const whole of all) {
          const head = headOf(whole, words);
          if (head.length < whole.length) done.add(head);
          else grown.add(whole);
        }
      }
      if (node.kind === "choice") {
        for (const option of node.options) for (const text of grow(option, open)) grown.add(text);
      }
      open = grown;
    }
    return open;
  };
  for (const text of grow(nodes, new Set([""]))) done.add(text);
  return undecided ? undefined : done;
}

function collect(nodes: Sequence, before: ReadonlySet<string>, into: Set<string>): Set<string> {
  let ends = new Set(before);
  for (const node of nodes) {
    const next = new Set<string>();
    if (node.kind === "choice") {
      for (const option of node.options) for (const end of collect(option, ends, into)) next.add(end);
    } else {
      const pieces = node.kind === "text" ? [node.text] : (node.open?.examples ?? node.words);
      for (const end of ends) {
        for (const piece of pieces) {
          const { complete, open } = splitOpenEnd(end + piece);
          for (const token of complete) into.add(token);
          next.add(open);
        }
      }
    }
    ends = next;
  }
  return ends;
}
