/**
 * A series: measurements made one after the other under one plan, in a folder of their own. `plan.json` says what is
 * measured, `rows.jsonl` has one line for each measurement that is finished, `answers/ID.jsonl` what was said for it.
 * Answers are on the disk before their row is, so after a kill whatever has no row is measured again, and nothing twice.
 */
import { join } from "node:path";
import {
  makeFolder,
  RowFile,
  lockFolder,
  type Lock,
  firstDifference,
  refuseOtherPlan,
  readJsonIfPresent,
  writeJson,
} from "../store/index.js";

export interface SeriesRow {
  /** Names the measurement within its series; also a file's name. */
  readonly id: string;
}

export class Series<Row extends SeriesRow> {
  readonly #rows: Row[];

  private constructor(
    readonly folder: string,
    private readonly file: RowFile<Row>,
    private readonly lock: Lock,
  ) {
    this.#rows = [...file.rows];
  }

  /**
   * Opens the series in `folder`, or begins it. No other process may have it open.
   * @param grows keys of the plan that may change from call to call, such as a list of strengths
   * @throws {StoreError} where the folder has a series of another plan
   */
  static async open<Row extends SeriesRow>(
    folder: string,
    plan: object,
    grows: readonly string[] = [],
  ): Promise<Series<Row>> {
    await makeFolder(join(folder, "answers"));
    const lock = await lockFolder(folder);
    try {
      const path = join(folder, "plan.json");
      const before = await readJsonIfPresent(path);
      const wanted = { format: 1, ...plan };
      if (before !== undefined) refuseOtherPlan(folder, fixed(before, grows), fixed(wanted, grows));
      if (firstDifference(before, wanted) !== undefined) await writeJson(path, wanted);
      return new Series<Row>(folder, await RowFile.open<Row>(join(folder, "rows.jsonl")), lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
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
    if (!/^[\w.+-]+$/.test(row.id)) throw new RangeError(`series: ${JSON.stringify(row.id)} cannot name a file`);
    if (answers !== undefined) await this.#say(row.id, answers);
    await this.file.append([row]);
    await this.file.flush();
    this.#rows.push(row);
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

  async close(): Promise<void> {
    await this.file.close();
    await this.lock.release();
  }
}

const fixed = (plan: unknown, grows: readonly string[]): unknown =>
  typeof plan === "object" && plan !== null
    ? Object.fromEntries(Object.entries(plan).filter(([key]) => !grows.includes(key)))
    : plan;
