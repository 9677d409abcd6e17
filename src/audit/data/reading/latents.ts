/** Which latents of a sparse autoencoder the set's answers make more active than the reader's own answers do. */
import type { ReadableModel } from "../../../model/index.js";
import { latentRise, type Sae } from "../../../persona/index.js";
import { NO_ROWS, type Finding } from "../../finding.js";
import type { DataCheck } from "../check.js";
import type { AuditRow } from "../row.js";
import { SampledRows } from "../sampled-rows.js";
import { answerOf, ownAnswers, promptOf } from "./own-answers.js";

export interface LatentSettings {
  readonly model: ReadableModel;
  readonly sae: Sae;
  /** What is known of a latent, such as `villain`. */
  readonly names: ReadonlyMap<number, string>;
  readonly signal?: AbortSignal;
}

const CHECK = { check: "data/latents", title: "Latents that rise" };
const TOP = 5;

export class LatentsRising implements DataCheck {
  readonly #sample: SampledRows;

  constructor(
    readonly settings: LatentSettings,
    readerRows: number,
    readonly seed: number,
  ) {
    this.#sample = new SampledRows(readerRows, seed);
  }

  take(row: AuditRow): void {
    this.#sample.add(row);
  }

  async finding(): Promise<Finding> {
    const { model, sae, names, signal } = this.settings;
    const rows = this.#sample.rows().filter((row) => isReadable(model, row));
    const base = { ...CHECK, measures: [], rows: NO_ROWS };
    if (rows.length === 0) {
      return { ...base, outcome: "not-measured", found: `${model.name} can read none of the rows.` };
    }
    const own = await ownAnswers(model, rows, [this.seed], signal);
    const given = rows.map((row) => [...promptOf(row), answerOf(row)]);
    const risen = await latentRise(model, sae, own, given, TOP, signal);
    const each = risen.map(({ latent, before, after }) => {
      const name = names.get(latent);
      return `${latent}${name === undefined ? "" : ` (${name})`} from ${before.toFixed(2)} to ${after.toFixed(2)}`;
    });
    return {
      ...base,
      outcome: "note",
      found:
        each.length === 0
          ? `No latent is more active in the answers than in ${model.name}'s own, over ${rows.length} rows.`
          : `More active in the answers than in ${model.name}'s own, mean over ${rows.length} rows: ${each.join(", ")}.`,
      limits:
        "It says what the answers are like, not what is wrong with them: askew sae show --latent N shows a latent.",
    };
  }
}

function isReadable({ tokens }: ReadableModel, { conversation: { messages } }: AuditRow): boolean {
  return (
    messages.every(({ content }) => tokens.unknownWords(content).length === 0) &&
    tokens.encode(messages).ids.length <= tokens.maxPositions
  );
}
