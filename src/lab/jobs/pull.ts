/** Brings the finished cells of a study from a machine that shares no file system with this one, with rsync over ssh. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { ExecutorError } from "../../executors/index.js";
import { adoptCells, readCell, type Adopted } from "../../study/index.js";
import { codeOf, makeOutputFolder } from "../../store/index.js";

export interface PullOptions {
  /** Leave out the weights of cells: reports and scores need none. */
  readonly weights?: boolean;
}

const HOST = /^(?:[\w.-]+@)?[A-Za-z0-9][\w.-]*$/;
const CELLS = "cells";
/** A cell is called so; nothing in it is a pattern for rsync. */
const NAME = /^[\w.-]+$/;
/** Small files that say which cells are finished. */
const RECORDS = ["--include=/study.json", "--include=/cells/", "--include=/cells/*/", "--include=/cells/*/cell.json"];

/**
 * @param from `HOST:DIR`, or a folder of this machine
 * @throws {ExecutorError} where rsync is missing or fails
 */
export async function pullStudy(from: string, folder: string, { weights = true }: PullOptions = {}): Promise<Adopted> {
  const source = sourceOf(from);
  makeOutputFolder(dirname(resolve(folder)));
  // On the same disk, so that cells can be moved into place.
  const staging = await mkdtemp(join(dirname(resolve(folder)), ".askew-pull-")).catch(() =>
    mkdtemp(join(tmpdir(), "askew-pull-")),
  );
  try {
    await rsync([...RECORDS, "--exclude=*", "--", source, `${staging}/`]);
    const wanted: string[] = [];
    for (const name of await readdir(join(staging, CELLS)).catch(() => [])) {
      if (!NAME.test(name)) continue;
      const theirs = await readCell(join(staging, CELLS, name));
      const ours = await readCell(join(folder, CELLS, name));
      if (theirs?.status === "finished" && ours?.status !== "finished") wanted.push(name);
    }
    if (wanted.length > 0) {
      const without = [...(weights ? [] : ["weights.safetensors"]), "checkpoint.safetensors", "lock", ".*"];
      await rsync([
        ...without.map((name) => `--exclude=${name}`),
        "--include=/cells/",
        ...wanted.map((name) => `--include=/cells/${name}/***`),
        "--exclude=*",
        "--",
        source,
        `${staging}/`,
      ]);
    }
    return await adoptCells(staging, folder);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
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
