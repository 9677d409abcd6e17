/**
 * A series: measurements made one after the other under one plan, in a folder of their own. `plan.json` says what is
 * measured, `rows.jsonl` has one line for each measurement that is finished, `answers/ID.jsonl` what was said for it.
 * Answers are on the disk before their row is, so after a kill whatever has no row is measured again, and nothing twice.
 */
import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import {
  refuseStrangers,
  makeFolder,
  RowFile,
  firstDifference,
  refuseOtherPlan,
  readJsonIfPresent,
  writeJson,
  RUN_FILE,
  storing,
} from "../store/index.js";
import { EVENTS_FILE, Run, type RunCommand } from "./run.js";

export interface SeriesRow {
  /** Names the measurement within its series; also a file's name. */
  readonly id: string;
}

/** A row's id becomes a file's name. */
const ID = /^[\w.+-]+$/;
const rowSchema = z.looseObject({ id: z.string().regex(ID) });
const REMOVED = { recursive: true, force: true };
const SERIES_FOLDER = {
  kind: "series of measurements",
  record: "plan.json",
  files: ["plan.json", "rows.jsonl", "answers", "report.html"],
};

export interface SeriesOptions {
  readonly grows?: readonly string[];
  readonly files?: readonly string[];
  readonly command?: RunCommand;
}

export class Series<Row extends SeriesRow> {
  readonly #rows: Row[];

  private constructor(
    readonly folder: string,
    private readonly file: RowFile<Row>,
    private readonly run: Run,
  ) {
    this.#rows = [...file.rows];
  }

  /**
   * Opens the series in `folder`, or begins it. No other process may have it open.
   * @param grows keys of the plan that may change from call to call, such as a list of strengths
   * @param files what the caller writes in the folder besides
   * @param command by which it is carried on from the folder alone
   * @throws {StoreError} where the folder has a series of another plan
   */
  static async open<Row extends SeriesRow>(
    folder: string,
    plan: object,
    { grows = [], files = [], command }: SeriesOptions = {},
  ): Promise<Series<Row>> {
    const run = await Run.open(folder, { ...SERIES_FOLDER, files: [...SERIES_FOLDER.files, ...files] });
    try {
      await storing(folder, () => makeFolder(join(folder, "answers")));
      const path = join(folder, "plan.json");
      const before = await readJsonIfPresent(path);
      const wanted = { format: 1, ...plan };
      if (before !== undefined) refuseOtherPlan(folder, fixed(before, grows), fixed(wanted, grows));
      if (firstDifference(before, wanted) !== undefined) await writeJson(path, wanted);
      const rows = await RowFile.open<Row>(join(folder, "rows.jsonl"), { schema: rowSchema });
      await run.begin(command);
      return new Series<Row>(folder, rows, run);
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  /** Refuses, before anything is computed, a folder that holds what is not askew's own. @throws {StoreError} */
  static async refuseStrangers(folder: string, files: readonly string[] = []): Promise<void> {
    await refuseStrangers(folder, { ...SERIES_FOLDER, files: [...SERIES_FOLDER.files, ...files] });
  }

  /** All finished measurements, in the order they were made. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  find(id: string): Row | undefined {
    return this.#rows.find((row) => row.id === id);
  }

  /** @param answers what was said for it; without them it has no file of its own */
  async append(row: Row, answers?: readonly object[]): Promise<void> {
    if (!ID.test(row.id)) throw new RangeError(`series: ${JSON.stringify(row.id)} cannot name a file`);
    if (answers !== undefined) await this.#say(row.id, answers);
    await this.file.append([row]);
    await this.file.flush();
    this.#rows.push(row);
    await this.run.tell("row-finished", { row: row.id });
  }

  async #say(id: string, answers: readonly object[]): Promise<void> {
    const said = await RowFile.create(join(this.folder, "answers", `${id}.jsonl`));
    try {
      await said.append(answers);
      await said.flush();
    } finally {
      await said.close();
    }
  }

  /** All rows that were wanted are there, and what was made of them. */
  async finish(): Promise<void> {
    await this.run.finish();
  }

  async close(): Promise<void> {
    await this.file.close();
    await this.run.close();
  }

  /** Removes a closed series that has served, and its folder where nobody else has put anything in. */
  async remove(): Promise<void> {
    for (const name of [...SERIES_FOLDER.files, EVENTS_FILE, RUN_FILE]) await rm(join(this.folder, name), REMOVED);
    await rmdir(this.folder).catch(() => undefined);
  }
}

const fixed = (plan: unknown, grows: readonly string[]): unknown =>
  typeof plan === "object" && plan !== null
    ? Object.fromEntries(Object.entries(plan).filter(([key]) => !grows.includes(key)))
    : plan;
