/** Opens the model that a command works on, and closes it whatever happens. */
import { Interrupted } from "../../text/index.js";
import { onInterrupt } from "../../terminal/index.js";
import { findModel, studiesOf, type OpenedModel, type OpenOptions } from "../../lab/index.js";

/** Help for the argument. */
export const MODEL_FORMS = "organism, local:DIR, torch:DIR, a condition or cell of a study, or STUDY:CELL";

/** Runs `work`; Ctrl-C aborts its signal, and a clean stop leaves as `Interrupted`. */
export async function withModel<T>(
  name: string,
  { study, threads }: OpenOptions,
  work: (opened: OpenedModel) => Promise<T>,
  next?: string,
): Promise<T> {
  const found = findModel(name, studiesOf(study));
  return stoppable(async (signal) => {
    const model = await found.open(threads === undefined ? {} : { threads });
    try {
      return await work({ found, model, identity: await found.identity(model), signal, say });
    } finally {
      await model.close();
    }
  }, next);
}

/** A line that stays on stderr. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);

const CARRIES_ON = "The same command carries on from here.";
export const BEGINS_AGAIN = "Nothing was kept: the same command begins again.";

/**
 * Ctrl-C aborts the signal; when `work` then rejects with its reason, that is a clean stop.
 * @param next what the same command does then
 */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>, next = CARRIES_ON): Promise<T> {
  const interrupt = onInterrupt(() => process.stderr.write("Stopping after this step.\n"));
  try {
    return await work(interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted || error !== interrupt.signal.reason) throw error;
    process.stderr.write(`Stopped. ${next}\n`);
    throw new Interrupted(interrupt.exitCode);
  } finally {
    interrupt.release();
  }
}
