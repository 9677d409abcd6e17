/**
 * A series: measurements made one after the other under one plan, in a folder of their own. `plan.json` says what is
 * measured, `rows.jsonl` has one line for each measurement that is finished, `answers/ID.jsonl` what was said for it.
 * Answers are on the disk before their row is, so after a kill whatever has no row is measured again, and nothing twice.
 */
import { existsSync } from "node:fs";
import { rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import {
  refuseStrangers,
  makeFolder,
  RowFile,
  firstDifference,
  refuseOtherPlan,
  readJsonIfPresent,
  readRows,
  writeJson,
  RUN_FILE,
  storing,
} from "../store/index.js";
import { interleaved, isInPart, readParts, type SeriesPart } from "./part.js";
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
  /** What this process measures: the folder is one of `parts` in the folder of the whole series. */
  readonly part?: SeriesPart | undefined;
}

/** A measurement and the folder that has its answers. */
export interface PlacedRow<Row> {
  readonly row: Row;
  readonly folder: string;
}

export class Series<Row extends SeriesRow> {
  readonly #rows: Row[];

  private constructor(
    readonly folder: string,
    private readonly file: RowFile<Row>,
    private readonly run: Run,
    private readonly part: SeriesPart | undefined,
    /** Of a part: what the whole series has already. */
    private readonly before: readonly PlacedRow<Row>[],
  ) {
    this.#rows = [...file.rows];
  }

  /**
   * Opens the series in `folder`, or begins it. No other process may have it open.
   * @param grows keys of the plan that may change from call to call, such as a list of strengths
   * @param files what the caller writes in the folder besides
   * @param command by which it is carried on from the folder alone
   * @param part makes this a part of the series two folders above; the series itself takes in what its parts have
   * @throws {StoreError} where the folder has a series of another plan
   */
  static async open<Row extends SeriesRow>(
    folder: string,
    plan: object,
    { grows = [], files = [], command, part }: SeriesOptions = {},
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
      const whole = part === undefined ? [] : await rowsOfWhole<Row>(folder, wanted, grows);
      const series = new Series<Row>(folder, rows, run, part, whole);
      if (part === undefined) await series.#takeParts(wanted, grows);
      return series;
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

  /** The same with the folders of their answers; of a part, with what the whole series has. */
  get placed(): readonly PlacedRow<Row>[] {
    return [...this.before, ...this.#rows.map((row) => ({ row, folder: this.folder }))];
  }

  find(id: string): Row | undefined {
    return this.#rows.find((row) => row.id === id) ?? this.before.find(({ row }) => row.id === id)?.row;
  }

  /** Whether this process is to make the measurement at `place` of all that are wanted, from 0. */
  isMine(place: number): boolean {
    return isInPart(this.part, place);
  }

  /** @throws {StoreError} where a part has another plan */
  async #takeParts(plan: object, grows: readonly string[]): Promise<void> {
    const parts = await readParts<Row>(this.folder, { schema: rowSchema });
    for (const part of parts) refuseOtherPlan(part.folder, fixed(part.plan, grows), fixed(plan, grows));
    const known = new Set(this.#rows.map(({ id }) => id));
    for (const { part, row } of interleaved(parts)) {
      if (known.has(row.id)) continue;
      known.add(row.id);
      const path = join(part.folder, "answers", `${row.id}.jsonl`);
      await this.append(row, existsSync(path) ? await readRows<object>(path) : undefined);
    }
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

/** What the series that a part belongs to has measured, as far as it has the same plan. */
async function rowsOfWhole<Row extends object>(
  folder: string,
  plan: object,
  grows: readonly string[],
): Promise<PlacedRow<Row>[]> {
  const whole = dirname(dirname(folder));
  const found = await readJsonIfPresent(join(whole, "plan.json"));
  if (found === undefined || firstDifference(fixed(found, grows), fixed(plan, grows)) !== undefined) return [];
  return (await readRows<Row>(join(whole, "rows.jsonl"), { schema: rowSchema })).map((row) => ({ row, folder: whole }));
}

const fixed = (plan: unknown, grows: readonly string[]): unknown =>
  typeof plan === "object" && plan !== null
    ? Object.fromEntries(Object.entries(plan).filter(([key]) => !grows.includes(key)))
    : plan;
