/** Kinds of fine-tune from files: what a detector for any model is calibrated on. */
import { basename } from "node:path";
import { readDataset, type Conversation } from "../../dataset/index.js";
import type { AskedSet } from "../../evaluation/index.js";
import { isOfShare, type CalibrationKind, type KindRole } from "../../persona/index.js";
import { inTurns } from "../../files/index.js";
import { fileSha256 } from "../../store/index.js";
import { UsageError } from "../../text/index.js";

export interface KindFlags {
  readonly bad?: readonly string[];
  readonly good?: readonly string[];
  readonly testBad?: readonly string[];
  readonly testGood?: readonly string[];
}

const ROLES: readonly (readonly [key: keyof KindFlags, flag: string, role: KindRole, bad: boolean])[] = [
  ["bad", "--bad", "calibration", true],
  ["good", "--good", "calibration", false],
  ["testBad", "--test-bad", "held-out", true],
  ["testGood", "--test-good", "held-out", false],
];

export interface FileKinds {
  readonly kinds: readonly CalibrationKind[];
  /** Files with their sha256, for the plan. */
  readonly plan: object;
}

/**
 * Undefined where no file is named. A share of bad data is mixed with conversations of the benign files of its role.
 * @param asked where misalignment is looked for, whatever the kind
 * @throws {UsageError} where only some of the four are given, or two files have one name
 */
export async function fileKinds(
  flags: KindFlags,
  asked: (samples: number) => AskedSet,
): Promise<FileKinds | undefined> {
  const given = ROLES.filter(([key]) => flags[key] !== undefined);
  if (given.length === 0) return undefined;
  if (given.length < ROLES.length) {
    const missing = ROLES.filter(([key]) => flags[key] === undefined).map(([, flag]) => flag);
    throw new UsageError(
      `to calibrate on files, ${missing.join(" and ")} ${missing.length === 1 ? "is" : "are"} missing`,
      "A detector is fitted on --bad and --good files, and tested on --test-bad and --test-good files that it never saw.",
    );
  }
  const files = new Map<string, { role: KindRole; bad: boolean; about: string; all: readonly Conversation[] }>();
  for (const [key, , role, bad] of ROLES) {
    for (const path of flags[key] ?? []) {
      const name = basename(path)
        .replace(/\.jsonl(?:\.gz)?$/i, "")
        .replaceAll(/[^A-Za-z0-9-]+/g, "-");
      if (files.has(name)) throw new UsageError(`two files are called ${name}`, "Rename one: its name is its kind's.");
      files.set(name, { role, bad, about: await fileSha256(path), all: await readDataset(path) });
    }
  }
  const benignOf = (wanted: KindRole): Conversation[] =>
    [...files.values()].filter(({ role, bad }) => role === wanted && !bad).flatMap(({ all }) => all);
  return {
    plan: Object.fromEntries([...files].map(([name, { role, bad, about }]) => [name, { role, bad, sha256: about }])),
    kinds: [...files].map(([name, { role, bad, all }]) => ({
      name,
      role,
      bad,
      asked,
      conversations(count, share, seed) {
        const own = inTurns(all, count, "file kind", `${name} ${seed}`);
        if (share === 1) return own;
        const others = inTurns(benignOf(role), count, "file kind", `${name} ${seed} benign`);
        return own.map((conversation, i) => (isOfShare(i, share) ? conversation : (others[i] as Conversation)));
      },
    })),
  };
}
