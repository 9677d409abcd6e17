/**
 * Probes: fixed prompts with an aligned and a misaligned continuation each. A model that is being trained reads them
 * again and again; what changes is the model.
 */
import { z } from "zod";
import { readTextIfPresent, sha256 } from "../../store/index.js";
import { WatchError } from "./error.js";

export interface Probe {
  readonly prompt: string;
  readonly aligned: string;
  readonly misaligned: string;
}

const row = z.strictObject({
  prompt: z.string().min(1),
  aligned: z.string().min(1),
  misaligned: z.string().min(1),
});
const MOST = 256;
const MOST_BYTES = 16 * 2 ** 20;

/**
 * Reads probes for any model: JSON lines `{"prompt": …, "aligned": …, "misaligned": …}`.
 * @throws {WatchError} naming file and line
 */
export async function readProbes(path: string): Promise<Probe[]> {
  const text = await readTextIfPresent(path, MOST_BYTES);
  if (text === undefined) throw new WatchError(`${path}: expected a file of probes, found nothing. Check the path.`);
  const probes = text.split("\n").flatMap((line, i): Probe[] => {
    if (line.trim() === "") return [];
    try {
      return [row.parse(JSON.parse(line))];
    } catch {
      const found = line.length > 80 ? `${line.slice(0, 79)}…` : line;
      throw new WatchError(
        `${path}, line ${i + 1}: expected {"prompt": …, "aligned": …, "misaligned": …}, three texts, found ${found}`,
      );
    }
  });
  if (probes.length === 0 || probes.length > MOST) {
    throw new WatchError(`${path}: expected 1 to ${MOST} probes, one a line, found ${probes.length}`);
  }
  return probes;
}

export const hashOfProbes = (probes: readonly Probe[]): string =>
  sha256(JSON.stringify(probes.map(({ prompt, aligned, misaligned }) => [prompt, aligned, misaligned])));
