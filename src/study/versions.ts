/** What ran: for provenance. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { packagePath, VERSION } from "../text/index.js";

export interface Versions {
  readonly askew: string;
  /** Where askew runs from a checkout: its commit, with `-dirty` where files were changed. */
  readonly commit?: string;
  readonly node: string;
  readonly onnxruntime: string;
  /** `linux-x64`. */
  readonly platform: string;
  readonly cpu: string;
}

let known: Versions | undefined;

export function versionsHere(): Versions {
  known ??= find();
  return known;
}

function find(): Versions {
  const commit = commitHere();
  return {
    askew: VERSION,
    ...(commit === undefined ? {} : { commit }),
    node: process.versions.node,
    onnxruntime: versionIn(createRequire(import.meta.url).resolve("onnxruntime-node/package.json")),
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model ?? "unknown",
  };
}

function versionIn(file: string): string {
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

function commitHere(): string | undefined {
  if (!existsSync(packagePath(".git"))) return undefined;
  try {
    const args = ["-C", packagePath(), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"];
    return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 5000 }).trim();
  } catch {
    return undefined; // no git, or not a checkout that it trusts
  }
}
