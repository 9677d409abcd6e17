/** Runs that a command began: the same command carries them on, in the same place, into the same folder. */
import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { RunError, type RunKind } from "../../run/index.js";
import { refuseUntrustedHosts, serversNamedBy } from "../study/trusted-hosts.js";
import { dispatch } from "./dispatch.js";
import { leftOut } from "./this-command.js";

export interface CarryOnOptions {
  readonly threads?: number;
  /** Servers that a folder may name, and that keys may go to. */
  readonly host?: readonly string[];
}

/** @param heads the commands that make such runs: `sae train` */
export const commandKind = (kind: string, heads: readonly string[]): RunKind<CarryOnOptions> => ({
  kind,
  async carryOn(folder, record, { threads, host }) {
    const { words, cwd } = record?.command ?? {};
    if (words === undefined || cwd === undefined) {
      throw new RunError(`${folder}: a program began it, not a command. Call the same function again.`);
    }
    const head = heads.find((one) => one === words.slice(0, one.split(" ").length).join(" "));
    const stray = leftOut(words);
    if (head === undefined || stray !== undefined) {
      const found = stray ?? JSON.stringify(words.slice(0, 2).join(" "));
      throw new RunError(
        `${folder}: run.json: expected ${heads.map((one) => `askew ${one}`).join(" or ")}, found ${found}.`,
      );
    }
    if (!existsSync(cwd)) throw new RunError(`${folder}: it was begun in ${cwd}, which is not there any more.`);
    refuseUntrustedHosts(folder, await serversNamedBy([{ words, cwd }]), host);
    const out = relative(cwd, resolve(folder)) || ".";
    process.chdir(cwd);
    await dispatch([...words, "--out", out, ...(threads === undefined ? [] : ["--threads", String(threads)])]);
  },
});
