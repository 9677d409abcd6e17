/**
 * Keys come from the environment and stay in memory: a `Key` gives its value to a request's header alone, prints as
 * `[key]`, and takes itself out of any text a server sends back.
 */
import { inspect } from "node:util";
import { EndpointError } from "./error.js";

export class Key {
  readonly #value: string;
  readonly #forms: readonly string[];

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
    const quoted = JSON.stringify(this.#value).slice(1, -1);
    this.#forms = [
      ...new Set([this.#value, quoted, quoted.replaceAll("/", String.raw`\/`), encodeURIComponent(this.#value)]),
    ];
  }

  /** The value of the `authorization` header. */
  get authorization(): string {
    return `Bearer ${this.#value}`;
  }

  /** `text` without the key. */
  hide(text: string): string {
    let hidden = text;
    for (const form of this.#forms) if (hidden.includes(form)) hidden = hidden.replaceAll(form, "[key]");
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
