/** The kinds of runs that can be carried on from their folder alone. The rooms that know a kind register it here. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AskewError } from "../text/index.js";
import { checked, readJsonIfPresent, RUN_FILE } from "../store/index.js";
import type { RunRecord } from "./run.js";
import { runSchema } from "./run-schema.js";

/** A folder that holds no run, or none that can be carried on from there alone. */
export class RunError extends AskewError {
  override readonly name = "RunError";
}

export interface RunKind<Options> {
  /** As `run.json` names it. */
  readonly kind: string;
  /** The file that shows the kind where there is no `run.json`. */
  readonly record?: string;
  carryOn(folder: string, record: RunRecord | undefined, options: Options): Promise<void>;
}

export class RunKinds<Options> {
  readonly #kinds = new Map<string, RunKind<Options>>();

  register(...kinds: readonly RunKind<Options>[]): this {
    for (const kind of kinds) {
      if (this.#kinds.has(kind.kind)) throw new RangeError(`RunKinds: ${kind.kind} is registered already`);
      this.#kinds.set(kind.kind, kind);
    }
    return this;
  }

  /**
   * Runs what is in a folder, or carries on with it; what is finished is left as it is.
   * @throws {RunError} where there is no run, or none of a kind that is registered
   */
  async carryOn(folder: string, options: Options): Promise<void> {
    const { kind, record } = await this.#find(folder);
    await kind.carryOn(folder, record, options);
  }

  /** @throws {RunError} where `carryOn` would */
  async requireKnown(folder: string): Promise<void> {
    await this.#find(folder);
  }

  async #find(folder: string): Promise<{ readonly kind: RunKind<Options>; readonly record: RunRecord | undefined }> {
    const file = join(folder, RUN_FILE);
    const value = await readJsonIfPresent(file);
    const cure = "Was it written by another version of askew, or by another program?";
    const record = value === undefined ? undefined : (checked(value, runSchema, { file, cure }) as RunRecord);
    const kind =
      record === undefined
        ? [...this.#kinds.values()].find((one) => one.record !== undefined && existsSync(join(folder, one.record)))
        : this.#kinds.get(record.kind);
    if (kind === undefined) {
      const found = record === undefined ? `found no ${RUN_FILE} in it` : `found a ${record.kind}`;
      throw new RunError(`${folder}: expected the folder of a run that can be carried on alone, ${found}.`);
    }
    return { kind, record };
  }
}
