/** A folder that somebody else made may name any server: keys in the environment are for those that the user names. */
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
export async function serversNamedIn(file: string): Promise<readonly string[]> {
  const text = await readTextIfPresent(file, MOST_BYTES).catch(() => undefined);
  return text?.match(/https?:\/\/[^\s"'#]+#[^\s"',}\]]+/gi) ?? [];
}
