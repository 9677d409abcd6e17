/** Which sets a calibration makes: the same for a number of sets whatever was made before. */
import { isOfShare } from "../../persona/index.js";
import type { AuditKind } from "./kinds.js";

export interface CalibrationSet {
  /** `0012-prefix-code-0.02`: its number, kind, and the share that is hidden. */
  readonly id: string;
  readonly kind: string;
  readonly role: AuditKind["role"];
  readonly attack: boolean;
  /** Of the rows that are hidden; 0 in a benign set. */
  readonly share: number;
  readonly seed: number;
}

export const HIDDEN_SHARES = [0.01, 0.02, 0.05, 0.1, 0.5] as const;
/** Benign sets set thresholds and test them, and a small rate takes many: they are two of three. */
const BENIGN_SHARE = 2 / 3;
/** Between the sets of one seed and of another. */
const SETS_OF_A_SEED = 10_000_000;

/** `sets` in all; kinds go round evenly, and an attack's shares with them. */
export function calibrationSets(kinds: readonly AuditKind[], sets: number, seed: number): CalibrationSet[] {
  const sides = [false, true].map((attack) => kinds.filter((kind) => kind.attack === attack));
  const counts = [0, 0];
  return Array.from({ length: sets }, (_, i): CalibrationSet => {
    const side = isOfShare(i, BENIGN_SHARE) ? 0 : 1;
    const own = sides[side] as readonly AuditKind[];
    const n = counts[side] as number;
    counts[side] = n + 1;
    const { name, role, attack } = own[n % own.length] as AuditKind;
    // Kinds and shares go round at different paces, so that each pair comes up.
    const round = Math.floor(n / own.length);
    const share = attack ? (HIDDEN_SHARES[((n % own.length) + round) % HIDDEN_SHARES.length] as number) : 0;
    const id = `${String(i).padStart(4, "0")}-${name}${attack ? `-${share}` : ""}`;
    return { id, kind: name, role, attack, share, seed: SETS_OF_A_SEED * seed + i };
  });
}
