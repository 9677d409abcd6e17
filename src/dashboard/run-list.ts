/**
 * All runs below a folder, kept up to date by looking at their files, and told to whoever listens: what changed, each
 * change with an id. A listener that comes back with the last id it saw is told what it missed.
 */
import { randomBytes } from "node:crypto";
import { VERSION } from "../text/index.js";
import type { RunCard, RunId, RunsEvent, RunsSnapshot } from "./contract.js";
import { findRuns, type FoundRun } from "./find-runs.js";
import { LineCounts } from "./line-counts.js";
import { cardOf, changedAt } from "./run-card.js";

export interface Told {
  readonly id: string;
  readonly event: RunsEvent;
}

export interface RunListOptions {
  readonly root: string;
  readonly allowRun: boolean;
  /** Milliseconds from one look to the next at runs that are not finished; default 1,000. */
  readonly every?: number;
}

/** Changes that are kept for those who come back. */
const KEPT = 1000;
/** Looks from one search of the whole folder to the next. */
const SEARCH_EVERY = 3;

export class RunList {
  readonly #cards = new Map<RunId, RunCard>();
  readonly #folders = new Map<RunId, FoundRun>();
  readonly #listeners = new Set<(told: Told) => void>();
  readonly #counts = new LineCounts();
  /** Names this process, so that ids of another one are not taken for its own. */
  readonly #session = randomBytes(4).toString("hex");
  #told: Told[] = [];
  #number = 0;
  #more = 0;
  #looks = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #closed = false;

  constructor(private readonly options: RunListOptions) {}

  get snapshot(): RunsSnapshot {
    const { root, allowRun } = this.options;
    const runs = [...this.#cards.values()].toSorted((a, b) => b.activeAt - a.activeAt);
    return { folder: root, version: VERSION, allowRun, runs, more: this.#more };
  }

  /** The folder of a run that was found; nothing else that a page names is ever opened. */
  folderOf = (id: RunId): string | undefined => this.#folders.get(id)?.folder;
  card = (id: RunId): RunCard | undefined => this.#cards.get(id);

  /** Looks once, and from then on while anybody listens. @param search for new runs, too */
  async look(search = false): Promise<void> {
    if (search) this.#looks = 0;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** @param last the id that the listener saw last. Returns what is to be told first, and how to leave. */
  async listen(
    last: string | undefined,
    listener: (told: Told) => void,
  ): Promise<{ readonly first: readonly Told[]; readonly leave: () => void }> {
    await this.look();
    const missed = this.#since(last);
    const snapshot: Told = { id: this.#id(this.#number), event: { type: "snapshot", snapshot: this.snapshot } };
    this.#listeners.add(listener);
    this.#tick();
    return { first: missed ?? [snapshot], leave: () => void this.#listeners.delete(listener) };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #id = (number: number): string => `${this.#session}-${number}`;

  #since(last: string | undefined): readonly Told[] | undefined {
    const [session, number] = last?.split("-") ?? [];
    const seen = Number(number);
    if (session !== this.#session || !Number.isSafeInteger(seen) || seen > this.#number) return undefined;
    const missing = this.#number - seen;
    return missing <= this.#told.length ? this.#told.slice(this.#told.length - missing) : undefined;
  }

  #tick(): void {
    if (this.#timer !== undefined || this.#closed || this.#listeners.size === 0) return;
    this.#timer = setTimeout(() => {
      void this.look()
        .catch(() => undefined) // what cannot be read now is read at the next look
        .then(() => {
          this.#timer = undefined;
          this.#tick();
        });
    }, this.options.every ?? 1000);
  }

  async #look(): Promise<void> {
    const isSearch = this.#looks++ % SEARCH_EVERY === 0;
    if (isSearch) {
      const { runs, more } = await findRuns(this.options.root);
      this.#more = more;
      const found = new Set(runs.map(({ id }) => id));
      for (const id of this.#folders.keys()) if (!found.has(id)) this.#drop(id);
      for (const run of runs) this.#folders.set(run.id, run);
    }
    for (const run of this.#folders.values()) {
      const before = this.#cards.get(run.id);
      if (before?.state === "finished" && (!isSearch || (await changedAt(run.folder)) === before.changedAt)) continue;
      const card = await cardOf(run, this.#counts);
      if (card === undefined) this.#drop(run.id);
      else if (JSON.stringify(card) !== JSON.stringify(before)) {
        this.#cards.set(run.id, card);
        this.#tell({ type: "run", run: card });
      }
    }
  }

  #drop(id: RunId): void {
    const folder = this.#folders.get(id)?.folder;
    if (folder !== undefined) this.#counts.forget(folder);
    this.#folders.delete(id);
    if (this.#cards.delete(id)) this.#tell({ type: "gone", id });
  }

  #tell(event: RunsEvent): void {
    const told = { id: this.#id(++this.#number), event };
    this.#told.push(told);
    if (this.#told.length > 2 * KEPT) this.#told = this.#told.slice(-KEPT);
    for (const listener of this.#listeners) listener(told);
  }
}
