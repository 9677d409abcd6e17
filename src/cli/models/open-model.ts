/** Opens the model that a command works on, says which one it is, and closes it whatever happens. */
import {
  findModel as find,
  isEndpointName,
  requireOpenWeights,
  type NamedModel,
  type OpenOptions as HowToOpen,
  type OpenWeightsModel,
} from "../../model/index.js";
import { USUAL_STUDIES } from "../../study/index.js";
import type { ModelIdentity } from "../../persona/index.js";
import { Interrupted, UsageError } from "../../text/index.js";
import { onInterrupt } from "../../terminal/index.js";

/** A model that is to be read, steered or trained. */
export interface FoundModel extends NamedModel {
  open(options?: HowToOpen): Promise<OpenWeightsModel>;
}

/** @param studies where conditions and cells are looked for */
export function findModel(name: string, studies: readonly string[]): FoundModel {
  if (isEndpointName(name)) {
    throw new UsageError(
      `${withoutSecrets(name)} is behind a server: this command reads, steers or trains a model of this machine`,
      "Name organism, local:DIR, or a cell of a study.",
    );
  }
  const found = find(name, studies.length === 0 ? {} : { studies });
  return {
    ...found,
    open: async (options) => {
      const model = await found.open(options);
      try {
        return requireOpenWeights(model, "this command");
      } catch (error) {
        await model.close();
        throw error;
      }
    },
  };
}

/** A name may carry a password, which no message may repeat. */
const withoutSecrets = (name: string): string => name.replace(/\/\/.*@/, "//…@").replace(/\?[^#]*/, "?…");

export interface OpenedModel {
  readonly found: FoundModel;
  readonly model: OpenWeightsModel;
  readonly identity: ModelIdentity;
  readonly signal: AbortSignal;
}

export interface OpenOptions {
  readonly study?: string | undefined;
  readonly threads?: number | undefined;
}

/** Help for the argument. */
export const MODEL_FORMS = "organism, local:DIR, a condition or cell of a study, or STUDY:CELL";

export const studiesOf = (study: string | undefined): readonly string[] =>
  study === undefined ? USUAL_STUDIES : [study];

/** Runs `work`; Ctrl-C aborts its signal, and a clean stop leaves as `Interrupted`. */
export async function withModel<T>(
  name: string,
  { study, threads }: OpenOptions,
  work: (opened: OpenedModel) => Promise<T>,
): Promise<T> {
  const found = findModel(name, studiesOf(study));
  return stoppable(async (signal) => {
    const model = await found.open(threads === undefined ? {} : { threads });
    try {
      return await work({ found, model, identity: await found.identity(model), signal });
    } finally {
      await model.close();
    }
  });
}

/** Ctrl-C aborts the signal; when `work` then rejects with its reason, that is a clean stop. */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = onInterrupt(() => process.stderr.write("Stopping after this step.\n"));
  try {
    return await work(interrupt.signal);
  } catch (error) {
    if (!interrupt.signal.aborted || error !== interrupt.signal.reason) throw error;
    process.stderr.write("Stopped. The same command carries on from here.\n");
    throw new Interrupted(interrupt.exitCode);
  } finally {
    interrupt.release();
  }
}
