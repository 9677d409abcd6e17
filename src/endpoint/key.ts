/**
 * Keys come from the environment and stay in memory: a `Key` gives its value to a request's header alone, prints as
 * `[key]`, and takes itself out of any text a server sends back.
 */
import { inspect } from "node:util";
import { EndpointError } from "./error.js";

export class Key {
  readonly #value: string;
  /** The key letter by letter, each in any of the ways in which texts escape letters. */
  readonly #escaped: RegExp;
  /** Forms in which no letter stands for itself. */
  readonly #encoded: readonly string[];

  /** @param source the environment variable, for messages */
  constructor(
    value: string,
    readonly source: string,
  ) {
    this.#value = value.trim();
    // What is not printable ASCII cannot stand in a header, and a line break there would start another one.
    if (!/^[\u0021-\u007e]+$/.test(this.#value)) {
      throw new EndpointError(`${source} holds no usable key: expected printable ASCII without spaces`, {
        fault: "address",
      });
    }
    this.#escaped = new RegExp(Array.from(this.#value, escapedLetter).join(""), "g");
    this.#encoded = this.#value.length < LEAST_ENCODED ? [] : encodings(this.#value);
  }

  /** The value of the `authorization` header. */
  get authorization(): string {
    return `Bearer ${this.#value}`;
  }

  /** `text` without the key, in whatever encoding it stands there. */
  hide(text: string): string {
    let hidden = text;
    if (text.includes(this.#value) || ESCAPES.some((sign) => text.includes(sign))) {
      hidden = hidden.replaceAll(this.#escaped, "[key]");
    }
    for (const form of this.#encoded) if (hidden.includes(form)) hidden = hidden.replaceAll(form, "[key]");
    return hidden;
  }

  /** How many characters at the end of `text` could be the beginning of the key. */
  beginsAtEndOf(text: string): number {
    for (let length = Math.min(this.#value.length - 1, text.length); length > 0; length--) {
      if (this.#value.startsWith(text.slice(-length))) return length;
    }
    return 0;
  }

  toString(): string {
    return "[key]";
  }

  toJSON(): string {
    return "[key]";
  }

  [inspect.custom](): string {
    return "[key]";
  }
}

/** Signs that every escape begins with. */
const ESCAPES = ["\\", "%", "&"];

/** A shorter key could stand encoded in other words by chance. */
const LEAST_ENCODED = 12;

/** A letter as itself, behind backslashes, as JSON, a URL or HTML escape it, once or several times over. */
function escapedLetter(letter: string, index: number): string {
  const code = letter.charCodeAt(0);
  const hex = code
    .toString(16)
    .padStart(2, "0")
    .replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
  const own = letter.replace(/[\\^$.*+?()[\]{}|/-]/, String.raw`\$&`);
  const entity = ENTITIES[letter];
  const escapes = [String.raw`[uU](?:0{0,6}${hex}|\{0{0,6}${hex}\})`, `x${hex}`, `%(?:25){0,4}${hex}`].join("|");
  // Every repeat is bounded, and backslashes before the first letter are looked at once: there may be millions of them.
  const before = index === 0 ? [String.raw`(?<!\\)\\{1,16}`, BACKSLASH] : [`${BACKSLASH}{1,8}`];
  const forms = [
    own,
    ...before.map((backslashes) => `${backslashes}(?:${own}|${escapes})`),
    `%(?:25){0,4}${hex}`,
    `&(?:amp;){0,4}#(?:0{0,6}${code}|[xX]0{0,6}${hex});`,
    ...(entity === undefined ? [] : [`&(?:amp;){0,4}${entity};`]),
  ];
  return `(?:${forms.join("|")})`;
}

/** As itself, or as a URL escapes it. */
const BACKSLASH = String.raw`(?:\\|%(?:25){0,4}5[cC])`;

const ENTITIES: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" };

/** Hexadecimal, and Base64 in each of the three places where the key can begin in it. */
function encodings(value: string): string[] {
  const bytes = Buffer.from(value);
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    // Letters at both ends hold bits of what stands beside the key.
    return text.slice(Math.ceil((before * 4) / 3), (before + bytes.length) % 3 === 0 ? undefined : -1);
  });
  const urlSafe = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  const hex = bytes.toString("hex");
  return [...new Set([...base64, ...urlSafe, hex, hex.toUpperCase()])];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The key for a server, from the first of these variables that is set: `ASKEW_API_KEY_<HOST>_<PORT>`,
 * `ASKEW_API_KEY_<HOST>` (letters in upper case, everything else `_`), then `OPENAI_API_KEY` for OpenAI itself and
 * `ASKEW_API_KEY` for every other server.
 */
export function findKey(
  base: URL,
  environment: Environment = process.env,
  hosted = base.hostname === OPENAI_HOST,
): Key | undefined {
  for (const source of keySources(base, hosted)) {
    const value = environment[source];
    if (value !== undefined && value.trim() !== "") return new Key(value, source);
  }
  return undefined;
}

/** The variables that may hold a server's key, in the order they are looked at. */
export function keySources(base: URL, hosted = base.hostname === OPENAI_HOST): string[] {
  const name = (text: string): string =>
    text
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, "_")
      .replaceAll(/^_|_$/g, "");
  const host = `ASKEW_API_KEY_${name(base.hostname)}`;
  return [...(base.port === "" ? [] : [`${host}_${base.port}`]), host, hosted ? "OPENAI_API_KEY" : "ASKEW_API_KEY"];
}

const OPENAI_HOST = "api.openai.com";
