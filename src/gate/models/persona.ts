/** A gate's look inside both models: where the answers that they gave lie along a persona's direction. */
import { NO_ROWS, PERSONA, personaFinding, personaShift, type AnswerPair, type Finding } from "../../audit/index.js";
import type { StoredAnswer } from "../../evaluation/index.js";
import { directionOf } from "../../lab/index.js";
import { identityOf, requireOpenWeights, type Model, type OpenWeightsModel } from "../../model/index.js";
import { jsonLines } from "../../store/index.js";
import { AskewError } from "../../text/index.js";
import type { GateMeans } from "../means.js";
import type { PersonaPlan } from "../plan.js";
import type { AskedModels } from "./asked.js";
import { pathsOf } from "./paths.js";

/** Pairs of answers that are read. */
const MOST_PAIRS = 200;

/** @param stopped why nothing is read, if so */
export async function personaCheck(
  { plan, models, folder }: AskedModels,
  stopped: string | undefined,
  { signal }: GateMeans,
): Promise<{ readonly found: readonly Finding[]; readonly why: string | undefined }> {
  const { persona } = plan;
  const [first] = models.sets;
  if (persona === undefined || first === undefined) return { found: [], why: undefined };
  const finding =
    stopped === undefined
      ? await read(models, persona, await pairsIn(folder, first.asks.name), plan.seed, signal)
      : notMeasured(`Nothing was read: ${stopped}.`, "Allow a larger budget.");
  return { found: [finding], why: undefined };
}

async function read(
  { after, before }: { readonly after: Model; readonly before: Model },
  { direction, mostShift }: PersonaPlan,
  pairs: readonly AnswerPair[],
  seed: number,
  signal: AbortSignal,
): Promise<Finding> {
  try {
    const [tuned, base] = [openWeights(after), openWeights(before)];
    const identity = await identityOf(before.name, before);
    const named = { seed, anyModel: false, ...(direction !== undefined && { direction }) };
    const vectors = await directionOf(named, base, identity, signal);
    const shift = await personaShift({ after: tuned, before: base, direction: vectors, pairs, signal });
    return personaFinding(shift, mostShift);
  } catch (error) {
    if (signal.aborted || !(error instanceof AskewError)) throw error;
    return notMeasured(
      error.message,
      "It needs models of this machine, and --direction FILE from askew persona direction.",
    );
  }
}

const openWeights = (model: Model): OpenWeightsModel => requireOpenWeights(model, "a look inside");

/** The first of the pairs that were compared, from the run's own files. */
async function pairsIn(folder: string, set: string): Promise<AnswerPair[]> {
  const paths = pathsOf(folder, set);
  const before = new Map<string, string>();
  for await (const { values } of jsonLines(paths.before.answers)) {
    const { id, answer } = values as Partial<StoredAnswer>;
    if (id !== undefined && answer !== undefined) before.set(id, answer);
  }
  const pairs: AnswerPair[] = [];
  for await (const { values } of jsonLines(paths.after.answers)) {
    const { id, messages, answer } = values as Partial<StoredAnswer>;
    const other = id === undefined ? undefined : before.get(id);
    if (messages === undefined || answer === undefined || other === undefined) continue;
    pairs.push({ messages, after: answer, before: other });
    if (pairs.length === MOST_PAIRS) break;
  }
  return pairs;
}

const notMeasured = (found: string, cure: string): Finding => ({
  ...PERSONA,
  outcome: "not-measured",
  found,
  cure,
  measures: [],
  rows: NO_ROWS,
});
