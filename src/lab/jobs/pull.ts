/** Brings the finished cells of a study, or finished runs, from a machine that shares no file system with this one, with rsync over ssh. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { ExecutorError, JOBS_FOLDER } from "../../executors/index.js";
import { EVENTS_FILE, PARTS_FOLDER, RunError } from "../../run/index.js";
import { adoptCells, readCell, type Adopted } from "../../study/index.js";
import { codeOf, makeFolder, makeOutputFolder, RUN_FILE, storing } from "../../store/index.js";
import { isRunFinished } from "./status.js";

export interface PullOptions {
  /** Leave out the weights of cells: reports and scores need none. */
  readonly weights?: boolean;
}

const HOST = /^(?:[\w.-]+@)?[A-Za-z0-9][\w.-]*$/;
const CELLS = "cells";
/** A cell is called so; nothing in it is a pattern for rsync. */
const NAME = /^[\w.-]+$/;
/** Small files that say which cells are finished. */
const RECORDS = ["/study.json", "/cells/", "/cells/*/", "/cells/*/cell.json"];
/** The same of other runs: of the folder itself, of those in it, and of the parts of a series. */
const RUNS = ["/run.json", "/*/", "/*/run.json", `/${PARTS_FOLDER}/*/`, `/${PARTS_FOLDER}/*/run.json`];

export interface Pulled extends Adopted {
  readonly things: "cells" | "runs";
}

/**
 * @param from `HOST:DIR`, or a folder of this machine
 * @throws {ExecutorError} where rsync is missing or fails
 */
export async function pullStudy(from: string, folder: string, { weights = true }: PullOptions = {}): Promise<Pulled> {
  const source = sourceOf(from);
  makeOutputFolder(dirname(resolve(folder)));
  // On the same disk, so that cells can be moved into place.
  const staging = await mkdtemp(join(dirname(resolve(folder)), ".askew-pull-")).catch(() =>
    mkdtemp(join(tmpdir(), "askew-pull-")),
  );
  try {
    await rsync([
      ...[...RECORDS, ...RUNS].map((name) => `--include=${name}`),
      "--exclude=*",
      "--",
      source,
      `${staging}/`,
    ]);
    if (!existsSync(join(staging, "study.json"))) return await pullRuns(source, staging, folder, weights);
    const wanted: string[] = [];
    for (const name of await readdir(join(staging, CELLS)).catch(() => [])) {
      if (!NAME.test(name)) continue;
      const theirs = await readCell(join(staging, CELLS, name));
      const ours = await readCell(join(folder, CELLS, name));
      if (theirs?.status === "finished" && ours?.status !== "finished") wanted.push(name);
    }
    if (wanted.length > 0) {
      await rsync([
        ...leftThere(weights).map((name) => `--exclude=${name}`),
        "--include=/cells/",
        ...wanted.map((name) => `--include=/cells/${name}/***`),
        "--exclude=*",
        "--",
        source,
        `${staging}/`,
      ]);
    }
    return { ...(await adoptCells(staging, folder)), things: "cells" };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

const leftThere = (weights: boolean): string[] => [
  ...(weights ? [] : ["weights.safetensors", "model.safetensors"]),
  "checkpoint.safetensors",
  "lock",
  ".*",
];

/** @throws {RunError} where there is no run, or one here has work in it that is not finished */
async function pullRuns(source: string, staging: string, folder: string, weights: boolean): Promise<Pulled> {
  const inside = async (name: string): Promise<string[]> =>
    (await readdir(join(staging, name)).catch(() => [])).filter((own) => NAME.test(own)).map((own) => join(name, own));
  const all = [".", ...(await inside(".")), ...(await inside(PARTS_FOLDER))];
  const theirs = all.filter((name) => existsSync(join(staging, name, RUN_FILE)));
  if (theirs.length === 0) throw new RunError(`${source}: expected a study, a run, or a folder with runs in it.`);
  const taken: string[] = [];
  for (const name of theirs) {
    const isWanted = (await isRunFinished(join(staging, name))) && !(await isRunFinished(join(folder, name)));
    if (isWanted) taken.push(name);
  }
  for (const name of taken) await requireUnused(join(folder, name), name === ".");
  for (const name of taken) {
    const came = join(staging, "came");
    const without = name === "." ? [...leftThere(weights), `/${PARTS_FOLDER}/`] : leftThere(weights);
    const excluded = without.map((one) => `--exclude=${one}`);
    await rsync([...excluded, "--", name === "." ? source : `${source}${name}/`, `${came}/`]);
    if (!(await isRunFinished(came))) throw new RunError(`${source}${name}: it came without its end. Pull it again.`);
    await moveInto(came, join(folder, name));
  }
  const finished = await Promise.all(theirs.map((name) => isRunFinished(join(folder, name))));
  return { taken, finished: finished.filter(Boolean).length, cells: theirs.length, things: "runs" };
}

/** Files of a run that was prepared and never begun; a series may have its parts here, too. */
const PREPARED = new Set([RUN_FILE, EVENTS_FILE, JOBS_FOLDER, PARTS_FOLDER]);

async function requireUnused(folder: string, isWhole: boolean): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const other = names.find((name) => !PREPARED.has(name) && !name.startsWith("."));
  if (other === undefined || (isWhole && existsSync(join(folder, other, RUN_FILE)))) return;
  throw new RunError(`${folder}: it has a run that is not finished (${other}), and stays as it is.`, {
    hint: "Move it away, or pull into another folder.",
  });
}

/** `run.json` comes last, for it says that the run is finished. */
async function moveInto(from: string, to: string): Promise<void> {
  await storing(to, async () => {
    await makeFolder(to);
    const names = (await readdir(from)).toSorted((a, b) => Number(a === RUN_FILE) - Number(b === RUN_FILE));
    for (const name of names) await rename(join(from, name), join(to, name));
    await rm(from, { recursive: true });
  });
}

/** Ends in a slash: what is in the folder, not the folder. */
function sourceOf(from: string): string {
  const [, host, path = ""] = /^([^/:]+):(.*)$/s.exec(from) ?? [];
  if (host === undefined) return `${resolve(from)}/`;
  if (HOST.test(host) && path !== "") return `${host}:${path.replace(/\/*$/, "/")}`;
  throw new ExecutorError(`expected HOST:DIR or a folder, found ${JSON.stringify(from)}`);
}

/** Links and devices are not brought along; the remote shell never sees a path. */
function rsync(words: readonly string[]): Promise<void> {
  const always = ["--recursive", "--times", "--partial", "--secluded-args", "--rsh=ssh -o BatchMode=yes"];
  return new Promise((done, reject) => {
    execFile("rsync", [...always, ...words], { maxBuffer: 64 * 1024 * 1024 }, (error, _stdout, stderr) => {
      if (error === null) return done();
      if (codeOf(error) === "ENOENT") {
        return reject(
          new ExecutorError("askew pull: expected rsync on the PATH, found no such program.", {
            hint: "Install rsync here and on the other machine.",
          }),
        );
      }
      const said = stderr.trim().split("\n").slice(0, 3).join("; ");
      reject(new ExecutorError(`askew pull: rsync failed: ${said}`, { hint: "The same command carries on." }));
    });
  });
}
