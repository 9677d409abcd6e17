/** Damaged inputs to every reader: each ends with a value or an error of askew's own, soon, and in bounded memory. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Random } from "askew/statistics";
import { AskewError } from "#internal/text";
import { mutated } from "./mutate.js";
import { readers, type Reader } from "./readers.js";

/** Milliseconds and bytes that one input may take. */
const LONGEST = 10_000;
const MOST_MEMORY = 1.2 * 2 ** 30;
/** What collecting garbage may add to the peak of the process while one input is read. */
const NOISE = 96 * 2 ** 20;

export interface Finding {
  readonly reader: string;
  /** Of the input: the same seed makes it again. */
  readonly input: number;
  readonly what: string;
  readonly base64: string;
}

export interface Fuzzed {
  readonly inputs: number;
  /** Of those, the ones that a reader refused. */
  readonly refused: number;
  readonly findings: readonly Finding[];
}

/** @param only names of readers; default all */
export async function fuzz(
  seed: number,
  count: number,
  onFinding?: (finding: Finding) => void,
  only?: readonly string[],
): Promise<Fuzzed> {
  const folder = await mkdtemp(join(tmpdir(), "askew-fuzz-"));
  const findings: Finding[] = [];
  let refused = 0;
  let opened: readonly Reader[] = [];
  try {
    opened = await readers(folder);
    const wanted = opened.filter(({ name }) => only === undefined || only.includes(name));
    const all = wanted.flatMap((reader) => Array.from({ length: reader.share }, () => reader));
    for (let input = 0; input < count; input++) {
      const random = Random.of("fuzz", seed, input);
      const reader = all[random.integer(all.length)] as (typeof all)[number];
      const bytes = mutated(reader.inputs[random.integer(reader.inputs.length)] as Buffer, random);
      const most = reader.timesItsSize === undefined ? MOST_MEMORY : NOISE + reader.timesItsSize * bytes.length;
      const [began, before] = [performance.now(), peak()];
      const found: string[] = [];
      try {
        await reader.read(bytes);
      } catch (error) {
        refused++;
        if (!(error instanceof AskewError)) found.push(`threw ${String((error as Error).stack ?? error)}`);
      }
      const [time, memory] = [performance.now() - began, peak() - before];
      if (time > LONGEST) found.push(`took ${Math.round(time)} ms`);
      if (memory > most) found.push(`took ${Math.round(memory / 2 ** 20)} MiB`);
      for (const what of found) {
        const finding = { reader: reader.name, input, what, base64: bytes.subarray(0, 4096).toString("base64") };
        findings.push(finding);
        onFinding?.(finding);
      }
    }
  } finally {
    for (const reader of opened) await reader.close?.();
    await rm(folder, { recursive: true, force: true });
  }
  return { inputs: count, refused, findings };
}

/** The most bytes that the process has ever held, so that what was freed again counts too. */
const peak = (): number => process.resourceUsage().maxRSS * 1024;
