/** A model that is to be read, steered or trained: found by its name, before it is opened. */
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
import { UsageError } from "../../text/index.js";

/** A model that is to be read, steered or trained. */
export interface FoundModel extends NamedModel {
  open(options?: HowToOpen): Promise<OpenWeightsModel>;
}

/** @param studies where conditions and cells are looked for */
export function findModel(name: string, studies: readonly string[]): FoundModel {
  if (isEndpointName(name)) {
    throw new UsageError(
      `${withoutSecrets(name)} is behind a server: this command reads, steers or trains a model of this machine`,
      "Name organism, local:DIR, torch:DIR, or a cell of a study.",
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
  /** Receives, one line each, what the user should know while the work continues. */
  readonly say: (line: string) => void;
}

export interface OpenOptions {
  readonly study?: string | undefined;
  readonly threads?: number | undefined;
}

export const studiesOf = (study: string | undefined): readonly string[] =>
  study === undefined ? USUAL_STUDIES : [study];
