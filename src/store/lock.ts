/**
 * One run at a time in a folder. Whoever wants it puts a claim into its `lock/` and only then looks for others: of two
 * that come together at least one sees the other. Claims of processes that are gone (killed, or before a restart) are
 * removed, each by its own name, so nobody removes a claim that is alive. If two see each other, both step back and
 * try again after a random while.
 */
import { randomBytes } from "node:crypto";
import { readdir, readFile, rmdir, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "./file-error.js";
import { makeFolder } from "./make-folder.js";
import { identityOf, mayRun, type ProcessIdentity } from "./process-identity.js";
import { codeOf, storing } from "./system-error.js";

const ATTEMPTS = 3;
const PAUSE = 200; // ms, at most, between attempts
/** Nothing else in there is anybody's claim. */
const CLAIM = /^\d+-[0-9a-f]{12}\.json$/;
const UNWRITTEN = 500; // ms in which a claim's text must follow its file

interface Claim extends ProcessIdentity {
  /** ISO 8601. */
  readonly since: string;
}

export interface Lock {
  release(): Promise<void>;
}

/** Locks `folder`, which must exist, for this process. `option` is the one that names another folder. */
export const lockFolder = (folder: string, option = "--out"): Promise<Lock> =>
  lock(folder, join(folder, "lock"), `folder with ${option}`);

/** The same for a file, which need not exist; its folder must. Claims are kept beside it. */
export const lockFile = (path: string): Promise<Lock> => lock(path, `${path}.lock`, "file with --out");

async function lock(what: string, claims: string, instead: string): Promise<Lock> {
  const name = `${process.pid}-${randomBytes(6).toString("hex")}.json`;
  const own = join(claims, name);
  const claim: Claim = { ...identityOf(process.pid), since: new Date().toISOString() };
  for (let attempt = 1; ; attempt++) {
    await storing(claims, () => place(claims, own, claim));
    const { seen, other } = await storing(claims, () => look(claims, name));
    if (seen && other === undefined) return { release: () => leave(claims, own) };
    await leave(claims, own);
    if (attempt < ATTEMPTS) await sleep(Math.random() * PAUSE);
    else throw refusal(what, claims, other, instead);
  }
}

function refusal(what: string, claims: string, other: Claim | undefined, instead: string): StoreError {
  if (other === undefined) return new StoreError(`${what}: cannot keep a claim in ${claims}; does something empty it?`);
  const { pid, host, since } = other;
  return new StoreError(
    `${what} is in use by process ${pid} on ${host} since ${since}. Wait for it, stop it, or choose another ${instead}. ` +
      `If that process is gone, delete ${claims}.`,
  );
}

async function place(claims: string, own: string, claim: Claim): Promise<void> {
  for (;;) {
    await makeFolder(claims);
    try {
      await writeFile(own, JSON.stringify(claim), { flag: "wx" });
      return;
    } catch (error) {
      // Whoever left last removed the folder between the two calls.
      if (codeOf(error) !== "ENOENT") throw error;
    }
  }
}

/** Whether the own claim is there, and one other that may be alive. */
async function look(claims: string, own: string): Promise<{ seen: boolean; other?: Claim }> {
  const names = await readdir(claims);
  for (const name of names.filter((entry) => entry !== own && CLAIM.test(entry))) {
    const path = join(claims, name);
    const claim = await readClaim(path);
    if (claim !== undefined && mayRun(claim)) return { seen: names.includes(own), other: claim };
    await remove(path);
  }
  return { seen: names.includes(own) };
}

/** Undefined when the claim is gone, or its writer died before it wrote. */
async function readClaim(path: string): Promise<Claim | undefined> {
  for (let waited = 0; ; waited += 50) {
    try {
      const text = await readFile(path, "utf8");
      if (text !== "") return JSON.parse(text) as Claim;
    } catch (error) {
      if (codeOf(error) === "ENOENT" || waited >= UNWRITTEN) return undefined;
    }
    if (waited >= UNWRITTEN) return undefined;
    await sleep(50);
  }
}

async function leave(claims: string, own: string): Promise<void> {
  await remove(own);
  // Others' claims keep the folder.
  await rmdir(claims).catch(() => undefined);
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}
