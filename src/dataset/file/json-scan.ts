/**
 * Where JSON goes wrong. `JSON.parse` does not always say where a text breaks off, keeps the last of two equal keys
 * without a word (another reader keeps the first, and trains on something else), and takes any depth. This scanner
 * reads the same grammar (RFC 8259) and says the place.
 */

import { quoted } from "./problem.js";

/** Tool schemas nest a dozen deep; nothing that is a conversation nests this deep. */
export const MOST_DEPTH = 64;

export interface JsonFault {
  readonly kind: "json" | "duplicate-key" | "too-deep";
  /** Index into the text, from 0. */
  readonly at: number;
  readonly expected: string;
  readonly found: string;
}

export type JsonPath = readonly (string | number)[];

/** The first fault of a text that should be one JSON value; undefined where there is none. */
export function findJsonFault(text: string): JsonFault | undefined {
  try {
    new Scanner(text).document();
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
}

/** Where the value at `path` begins in a text without faults; undefined where there is no such value. */
export function placeOf(text: string, path: JsonPath): number | undefined {
  const scanner = new Scanner(text, path);
  scanner.document();
  return scanner.place;
}

class Fault extends Error {
  constructor(readonly fault: JsonFault) {
    super(fault.expected);
  }
}

const SPACE = /[ \t\n\r]*/y;
// oxlint-disable-next-line no-control-regex -- the grammar names them
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[\p{L}\p{N}_.+-]*/uy;
const HEX = /[0-9a-fA-F]{4}/y;

class Scanner {
  /** Where the value at the wanted path begins. */
  place: number | undefined;
  #at = 0;

  constructor(
    readonly text: string,
    readonly wanted?: JsonPath,
  ) {}

  document(): void {
    this.#value(0, this.wanted);
    this.#skip();
    if (this.#at < this.text.length) this.#fail("the end of the line");
  }

  /** `path`: what is left of the wanted path; undefined off it. */
  #value(depth: number, path: JsonPath | undefined): void {
    this.#skip();
    if (path?.length === 0) this.place = this.#at;
    const first = this.text[this.#at];
    if (first === "{" || first === "[") {
      if (depth >= MOST_DEPTH) this.#fail(`at most ${MOST_DEPTH} levels of nesting`, "deeper nesting", "too-deep");
      if (first === "{") this.#object(depth + 1, path);
      else this.#array(depth + 1, path);
    } else if (first === '"') this.#string();
    else this.#bare();
  }

  #object(depth: number, path: JsonPath | undefined): void {
    const keys = new Set<string>();
    this.#at += 1;
    this.#skip();
    if (this.#take("}")) return;
    for (;;) {
      this.#skip();
      const start = this.#at;
      if (this.text[start] !== '"') this.#fail('a key in double quotes or "}"');
      const key = this.#string();
      if (keys.has(key)) {
        this.#at = start;
        this.#fail("each key once", `${quoted(key)} again`, "duplicate-key");
      }
      keys.add(key);
      this.#skip();
      if (!this.#take(":")) this.#fail('":"');
      this.#value(depth, path?.[0] === key ? path.slice(1) : undefined);
      this.#skip();
      if (this.#take("}")) return;
      if (!this.#take(",")) this.#fail('"," or "}"');
    }
  }

  #array(depth: number, path: JsonPath | undefined): void {
    this.#at += 1;
    this.#skip();
    if (this.#take("]")) return;
    for (let i = 0; ; i++) {
      this.#value(depth, path?.[0] === i ? path.slice(1) : undefined);
      this.#skip();
      if (this.#take("]")) return;
      if (!this.#take(",")) this.#fail('"," or "]"');
    }
  }

  #string(): string {
    const start = this.#at;
    let escaped = false;
    this.#at += 1;
    for (;;) {
      this.#match(PLAIN);
      if (this.#take('"')) break;
      if (this.text[this.#at] !== "\\") this.#fail('a closing "');
      escaped = true;
      this.#at += 1;
      const letter = this.text[this.#at] ?? "";
      if (letter === "" || !'"\\/bfnrtu'.includes(letter)) this.#fail('one of "\\/bfnrtu after a backslash');
      this.#at += 1;
      if (letter === "u" && this.#match(HEX).length !== 4) this.#fail("four hexadecimal digits after \\u");
    }
    const raw = this.text.slice(start, this.#at);
    return escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1);
  }

  #bare(): void {
    const start = this.#at;
    if (this.#match(NUMBER) !== "") return;
    const word = this.#match(WORD);
    if (word === "true" || word === "false" || word === "null") return;
    this.#at = start;
    this.#fail("a JSON value", word === "" ? undefined : quoted(word));
  }

  #take(char: string): boolean {
    if (this.text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  #skip(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #fail(expected: string, found?: string, kind: JsonFault["kind"] = "json"): never {
    const here = this.text.slice(this.#at, this.#at + 100);
    const next = here === "" ? "the end of the line" : quoted(here, 12);
    throw new Fault({ kind, at: this.#at, expected, found: found ?? next });
  }
}
