// A real server over real runs, and what a page would ask it.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runStudy, type StudyPlan } from "askew/study";
import { startDashboard, type Dashboard, type DashboardOptions } from "#internal/dashboard";
import { openTiny, tinyPlan, writeTinyModel } from "../study/tiny.js";

export interface Viewed {
  readonly root: string;
  readonly dashboard: Dashboard;
  get<T>(path: string): Promise<T>;
  status(path: string, init?: RequestInit): Promise<number>;
  /** Rejects where the server had a fault of its own. */
  stop(): Promise<void>;
}

export async function viewed(root: string, options: Partial<DashboardOptions> = {}): Promise<Viewed> {
  const faults: unknown[] = [];
  const dashboard = await startDashboard({ folder: root, port: 0, onFault: (error) => faults.push(error), ...options });
  const ask = (path: string, init?: RequestInit): Promise<Response> => fetch(`${dashboard.url}${path}`, init);
  return {
    root,
    dashboard,
    get: async <T>(path: string) => (await (await ask(path)).json()) as T,
    status: async (path, init) => (await ask(path, init)).status,
    stop: async () => {
      await dashboard.close();
      if (faults.length > 0) throw new AggregateError(faults, "the server had faults");
    },
  };
}

export async function temporaryRuns(): Promise<{ root: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "askew-view-"));
  const root = join(folder, "runs");
  await mkdir(root);
  return { root, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A study of an untrained model: real folders, in a second or two. */
export async function makeStudy(root: string, changes: Partial<StudyPlan> = {}, name = "tiny"): Promise<string> {
  const model = join(root, "..", "model");
  await writeTinyModel(model);
  const folder = join(root, name);
  await runStudy(tinyPlan(model, changes), folder, { openModel: openTiny });
  return folder;
}

export interface TestRow {
  readonly id: string;
  readonly [more: string]: unknown;
}

/** A cell of a study as its files stand on the disk. */
export async function writeCell(
  folder: string,
  about: { readonly condition: string; readonly seed: number },
  answers: readonly TestRow[],
  judgments: readonly TestRow[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lines = (rows: readonly TestRow[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  await writeFile(join(folder, "cell.json"), JSON.stringify({ format: 1, status: "finished", ...about }));
  await writeFile(join(folder, "answers.jsonl"), lines(answers));
  await writeFile(join(folder, "judgments.jsonl"), lines(judgments));
}

export async function writeRecord(folder: string, record: object): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "run.json"), JSON.stringify({ format: 1, files: [], ...record }));
}
