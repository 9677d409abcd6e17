/** A folder that somebody else made may name any server: keys in the environment are for those that the user names. */
import { resolve } from "node:path";
import { findKey } from "../../endpoint/index.js";
import { isEndpointName, parseEndpointName } from "../../model/index.js";
import { readTextIfPresent } from "../../store/index.js";
import { UsageError } from "../../text/index.js";

/** Collects the values of an option that may be given several times. */
export const hosts = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/**
 * @param names of models that the folder wants to open
 * @param trusted hosts that the user named
 * @throws {UsageError} where a key of the environment would go to another host
 */
export function refuseUntrustedHosts(folder: string, names: readonly string[], trusted: readonly string[] = []): void {
  for (const name of names.filter(isEndpointName)) {
    if (/^openai:/i.test(name)) continue; // the user's own address
    const url = new URL(parseEndpointName(name).base);
    const key = findKey(url, process.env);
    const isHere = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
    if (key === undefined || isHere || trusted.includes(url.host) || trusted.includes(url.hostname)) continue;
    throw new UsageError(
      `${folder} names the server ${url.host}, and the key in ${key.source} would be sent there`,
      `If you trust that server, add --host ${url.host}.`,
    );
  }
}

const MOST_BYTES = 1024 * 1024;

/** The servers that a file of a study or a gate names, whether or not it can be read as one. */
async function serversNamedIn(file: string): Promise<readonly string[]> {
  const text = await readTextIfPresent(file, MOST_BYTES).catch(() => undefined);
  return text?.match(/https?:\/\/[^\s"'#]+#[^\s"',}\]]+/gi) ?? [];
}

/** The servers that commands of the user's own name, in their words and in the files that they name. */
export async function serversNamedBy(
  commands: readonly { readonly words: readonly string[]; readonly cwd: string }[],
): Promise<readonly string[]> {
  const found = new Set<string>();
  const seen = new Set<string>();
  for (const { words, cwd } of commands) {
    for (const word of words.flatMap((one) => one.split(/[=,]/))) if (isEndpointName(word)) found.add(word);
    for (const file of filesNamedBy(words).map((name) => resolve(cwd, name))) {
      if (seen.has(file)) continue;
      seen.add(file);
      for (const server of await serversNamedIn(file)) found.add(server);
    }
  }
  return [...found];
}

/** Files that may name servers: a study's, or a gate's, which has a usual name. */
const filesNamedBy = (words: readonly string[]): readonly string[] => [
  ...words.filter((word) => /\.ya?ml$/i.test(word)),
  ...(words[0] === "gate" ? [words[1] ?? "", "gate.yaml"] : []),
  ...(words[0] === "study" ? [words[1] ?? ""] : []),
];
