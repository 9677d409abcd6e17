/**
 * One run at a time in a folder. Whoever wants it puts a claim into its `lock/` and only then looks for others: of two
 * that come together at least one sees the other. Claims of processes that are gone (killed, or before a restart) are
 * removed, each by its own name, so nobody removes a claim that is alive. If two see each other, both step back and
 * try again after a random while.
 *
 * The processes of another host cannot be seen, so a claim beats: its holder writes a count into it again and again,
 * and a claim whose count has stood still for long enough is removed as well. Only the observer's own clock counts. This
 * holds on NFS: making a file is one request to the server and makes the maker read the folder anew, and opening a
 * file asks the server for what is in it. A holder that was only stopped for a while finds its claim gone at its next
 * beat, and writes no more.
 */
import { randomBytes } from "node:crypto";
import { lstat, open, readdir, readFile, rmdir, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
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

/** In milliseconds. */
export interface LockTimes {
  /** From one beat of a claim to the next. */
  readonly beat: number;
  /** A claim of another host that does not beat for so long is nobody's. */
  readonly silence: number;
}
const TIMES: LockTimes = { beat: 10_000, silence: 60_000 };

export interface Claim extends ProcessIdentity {
  /** ISO 8601. */
  readonly since: string;
  /** Always of the same length, so that it can be written in place. Claims of older versions have none. */
  readonly beat?: string;
}

export interface Lock {
  /** @throws {StoreError} where somebody else has taken the claim for a dead one's */
  assertHeld(): void;
  release(): Promise<void>;
}

/** Locks `folder`, which must exist, for this process. `option` is the one that names another folder. */
export const lockFolder = (folder: string, option = "--out", times?: LockTimes): Promise<Lock> =>
  lock(folder, claimsOf(folder), `folder with ${option}`, times);

const claimsOf = (folder: string): string => join(folder, "lock");

/** Who says that it has the folder; it may be dead. */
export const holderOf = (folder: string): Promise<Claim | undefined> => holderOfClaims(claimsOf(folder));

/** @param claims the folder of a lock: `FOLDER/lock`, `FILE.lock` */
export async function holderOfClaims(claims: string): Promise<Claim | undefined> {
  const names = await readdir(claims).catch(() => []);
  for (const name of names.filter((entry) => CLAIM.test(entry))) {
    const path = join(claims, name);
    // Somebody else's folder may hold a pipe of that name, which would be waited for.
    const beaten = await lstat(path).catch(() => undefined);
    const claim = beaten?.isFile() === true ? await readClaim(path) : undefined;
    if (beaten === undefined || claim === undefined || !mayRun(claim)) continue;
    // Only shown to people, so clocks that differ by a little do no harm.
    const isSilent = Date.now() - beaten.mtimeMs > 3 * TIMES.silence;
    if (claim.host === hostname() || claim.beat === undefined || !isSilent) return claim;
  }
  return undefined;
}

/** The same for a file, which need not exist; its folder must. Claims are kept beside it. */
export const lockFile = (path: string): Promise<Lock> => lock(path, `${path}.lock`, "file with --out");

async function lock(what: string, claims: string, instead: string, times = TIMES): Promise<Lock> {
  const name = `${process.pid}-${randomBytes(6).toString("hex")}.json`;
  const own = join(claims, name);
  const claim: Claim = { ...identityOf(process.pid), since: new Date().toISOString(), beat: countOf(0) };
  for (let attempt = 1; ; attempt++) {
    await storing(claims, () => place(claims, own, claim));
    const beats = new Beats(what, own, claim, times.beat);
    const { seen, other } = await storing(claims, () => look(claims, name, times)).catch(async (error: unknown) => {
      await beats.stop();
      throw error;
    });
    const release = async (): Promise<void> => {
      await beats.stop();
      await leave(claims, own);
    };
    if (seen && other === undefined) return { assertHeld: () => beats.assertHeld(), release };
    await release();
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

const countOf = (beats: number): string => String(beats).padStart(12, "0");

/** Writes into a claim, again and again, that its holder lives. */
class Beats {
  #count = 0;
  #lost = false;
  #writing = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly what: string,
    private readonly path: string,
    private readonly claim: Claim,
    every: number,
  ) {
    this.#timer = setInterval(() => void (this.#writing = this.#beat()), every);
    this.#timer.unref();
  }

  async #beat(): Promise<void> {
    try {
      const handle = await open(this.path, "r+"); // never makes the file
      try {
        await handle.write(JSON.stringify({ ...this.claim, beat: countOf(++this.#count) }), 0);
      } finally {
        await handle.close();
      }
    } catch (error) {
      // What else goes wrong, such as a full disk or a server that is away, may be over at the next beat.
      if (codeOf(error) === "ENOENT") this.#lost = true;
    }
  }

  assertHeld(): void {
    if (!this.#lost) return;
    throw new StoreError(
      `${this.what} was taken by another process, because this one gave no sign of life for too long, or its lock ` +
        "was deleted. It stops here; what it wrote until then is kept.",
    );
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
  }
}

/** Whether the own claim is there, and one other that may be alive. */
async function look(claims: string, own: string, times: LockTimes): Promise<{ seen: boolean; other?: Claim }> {
  const names = await readdir(claims);
  for (const name of names.filter((entry) => entry !== own && CLAIM.test(entry))) {
    const path = join(claims, name);
    const claim = await readClaim(path);
    if (claim !== undefined && (await isAlive(path, claim, times))) return { seen: names.includes(own), other: claim };
    await remove(path);
  }
  return { seen: names.includes(own) };
}

async function isAlive(path: string, claim: Claim, { beat, silence }: LockTimes): Promise<boolean> {
  if (claim.host === hostname() || claim.beat === undefined) return mayRun(claim);
  for (const until = performance.now() + silence; performance.now() < until;) {
    await sleep(Math.min(beat / 2, silence / 10));
    const now = await readClaim(path);
    if (now === undefined) return false;
    if (now.beat !== claim.beat) return true;
  }
  return false;
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
