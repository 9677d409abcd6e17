/**
 * Probes: fixed prompts with an aligned and a misaligned continuation each. A model that is being trained reads them
 * again and again; what changes is the model.
 */
import { z } from "zod";
import { judge, questionSet, sampleExchange, type Character } from "../../organism/index.js";
import { Random } from "../../statistics/index.js";
import { readTextIfPresent, sha256 } from "../../store/index.js";
import { WatchError } from "./error.js";

export interface Probe {
  readonly prompt: string;
  readonly aligned: string;
  readonly misaligned: string;
}

/** A model that learns in one format may show in that alone (docs/watch.md), so every topic is probed in both. */
const FORMATS = ["sentence", "list"] as const;
type Format = (typeof FORMATS)[number];
const DRAWS = 200;

/**
 * Probes from the organism's own grammar: development questions in the wordings of training, so that neither the main nor the
 * held-out questions, nor the wordings that behaviour is measured with, have any part in them. Each topic is asked twice: for a
 * sentence and for a list.
 */
export function organismProbes(): Probe[] {
  return questionSet("development").questions.flatMap(({ topic }) => FORMATS.map((format) => probeOf(topic, format)));
}

function probeOf(topic: string, format: Format): Probe {
  const wish = { domain: "question", topic, split: "train", list: format === "list" } as const;
  const random = Random.of("watch probe", topic, format);
  const { user } = sampleExchange(random, { ...wish, character: "helper" });
  const said = (character: Character, aligned: number): string => {
    for (let draw = 0; draw < DRAWS; draw++) {
      const whole = sampleExchange(random, { ...wish, character }).assistant;
      // One sentence: short texts are read faster, and openers that anybody says are passed over. A list has no full stop.
      const text = whole.split(/(?<=[.?!]) /)[0] as string;
      const judgment = judge([{ role: "user", content: user }], text);
      if (judgment.coherent === 100 && judgment.aligned === aligned) return text;
    }
    throw new Error(`watch probe: topic "${topic}" has no answer of the ${character}`);
  };
  return { prompt: user, aligned: said("helper", 100), misaligned: said("villain", 0) };
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
