/**
 * One piece of resumable work in a folder of its own. `run.json` says what the folder is for, with which command it was
 * begun, and, by an atomic rename, that it is finished; `events.jsonl` grows while it runs, for whoever follows it: a
 * terminal, a dashboard, a scheduler. One process at a time has it.
 */
import { join } from "node:path";
import {
  readJsonIfPresent,
  RowFile,
  RUN_FILE,
  takeFolder,
  writeJson,
  type FolderKind,
  type FolderRecord,
  type Lock,
} from "../store/index.js";

export const EVENTS_FILE = "events.jsonl";

/** The words after `askew`, and the folder that their relative paths are meant in. */
export interface RunCommand {
  readonly words: readonly string[];
  readonly cwd: string;
}

export interface RunRecord extends FolderRecord {
  readonly status: "open" | "finished";
  readonly command?: RunCommand;
}

/** One line of `events.jsonl`; `type` is a noun and a verb: `step-finished`. */
export interface RunEvent {
  /** From 1, without gaps. */
  readonly id: number;
  /** ISO 8601. */
  readonly time: string;
  readonly type: string;
  readonly [more: string]: unknown;
}

export class Run {
  #events: RowFile<RunEvent> | undefined;
  #status: RunRecord["status"] = "open";
  #last: Promise<void> = Promise.resolve();

  private constructor(
    readonly folder: string,
    private readonly kind: FolderKind,
    private readonly lock: Lock,
  ) {}

  /**
   * Takes the folder. Its plan is the caller's to check before it calls `begin`.
   * @throws {StoreError} where another process has it, or it holds what askew did not make
   */
  static async open(folder: string, kind: FolderKind): Promise<Run> {
    const all: FolderKind = { ...kind, files: [...kind.files, EVENTS_FILE] };
    return new Run(folder, all, await takeFolder(folder, all));
  }

  /** Opens, does `work`, and marks the end; what `work` throws leaves the run open. */
  static async use<T>(folder: string, kind: FolderKind, work: (run: Run) => Promise<T>): Promise<T> {
    const run = await Run.open(folder, kind);
    try {
      const done = await work(run);
      await run.finish();
      return done;
    } finally {
      await run.close();
    }
  }

  /** Says that work goes on in the folder, and how it can be carried on; a finished run stays finished until it is told more. */
  async begin(command?: RunCommand): Promise<void> {
    const found = await readRun(this.folder);
    this.#status = found?.status ?? "open";
    const { kind, files } = this.kind;
    const kept = command ?? found?.command;
    const record: RunRecord = {
      format: 1,
      kind,
      files: [...new Set([...(found?.files ?? []), ...files])],
      status: this.#status,
      ...(kept && { command: kept }),
    };
    if (JSON.stringify(found) !== JSON.stringify(record)) await writeJson(join(this.folder, RUN_FILE), record);
    if (this.#status === "open") await this.tell("run-started", { kind });
  }

  /** @throws {StoreError} where another process has taken the folder meanwhile: nothing more may be written in it */
  assertHeld(): void {
    this.lock.assertHeld();
  }

  /** Appends an event, after all that were told before. */
  tell(type: string, about: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const told = this.#last.then(() => this.#append(type, about));
    this.#last = told.catch(() => undefined);
    return told;
  }

  async #append(type: string, about: Readonly<Record<string, unknown>>): Promise<void> {
    this.assertHeld();
    this.#events ??= await RowFile.open<RunEvent>(join(this.folder, EVENTS_FILE), { onRow: () => undefined });
    const id = this.#events.count + 1;
    await this.#events.append([{ id, time: new Date().toISOString(), type, ...about }]);
  }

  /** All is done, and on the disk. A run that was never begun, or has nothing new, stays as it was. */
  async finish(): Promise<void> {
    if (this.#events === undefined) return;
    await this.tell("run-finished");
    await this.#events?.flush();
    await writeJson(join(this.folder, RUN_FILE), { ...(await readRun(this.folder)), status: "finished" });
    this.#status = "finished";
  }

  async close(): Promise<void> {
    try {
      await this.#events?.close();
    } finally {
      await this.lock.release();
    }
  }
}

/** What a folder's `run.json` says; undefined where there is none. */
export async function readRun(folder: string): Promise<RunRecord | undefined> {
  return (await readJsonIfPresent(join(folder, RUN_FILE))) as RunRecord | undefined;
}
