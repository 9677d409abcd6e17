/**
 * Where answers lie along a persona's direction in a reader model, against the reader's own answers to the same
 * prompts. Source: R. Chen et al., "Persona Vectors" (2025), whose projection difference this is.
 */
import type { ReadableModel } from "../../../model/index.js";
import type { Direction } from "../../../persona/index.js";
import { alongDirections, type Along } from "./along.js";
import { NO_ROWS, type Finding } from "../../finding.js";
import { answerOf, ownAnswers, promptOf } from "./own-answers.js";
import type { AuditRow } from "../row.js";
import { inPortions, type RowScorer } from "./scorer.js";

export interface ShiftSettings {
  readonly model: ReadableModel;
  readonly directions: readonly NamedDirection[];
  readonly seed: number;
  /** Known for the organism alone. */
  readonly thresholds: RowScorer["thresholds"];
  readonly signal?: AbortSignal;
}

interface NamedDirection {
  readonly direction: Direction;
  /** What it is of, where there are several: `evil.safetensors`. */
  readonly name?: string;
}

export const PERSONA_SHIFT = { check: "data/persona-shift", title: "Shift along the persona" };

/** Without a reader nothing is known of what a set does to a model, which is said instead of passed over. */
export const personaUnread = (): Finding => ({
  ...PERSONA_SHIFT,
  outcome: "not-measured",
  found: "No model has read the answers. Wrong advice that looks like advice shows in no word of it.",
  cure: "Give --reader MODEL (and --direction FILE), or --text-only if what text shows is enough.",
  measures: [],
  rows: NO_ROWS,
});

/** One scorer a direction; all of them share what is read and sampled. */
export function personaShifts(settings: ShiftSettings): RowScorer[] {
  let read: { readonly key: string; readonly shifts: Promise<Shifts[]> } | undefined;
  const shared = (rows: readonly AuditRow[]): Promise<Shifts[]> => {
    const key = rows.map(({ file, line }) => `${file}:${line}`).join("\n");
    if (read?.key !== key) read = { key, shifts: inPortions(rows, (portion) => shiftsOf(settings, portion)) };
    return read.shifts;
  };
  return settings.directions.map(({ name }, d) => ({
    ...PERSONA_SHIFT,
    ...(name !== undefined && { title: `Shift along ${name}` }),
    quantity: "shift",
    unit: "1: from one side of the direction to the other",
    readers: settings.model.name,
    why: "its answer lies further along the persona than the reader's own",
    failing: "lie further along the persona",
    limits: "It sees what this direction in this reader stands for; another bad habit may lie elsewhere.",
    thresholds: settings.thresholds,
    scores: async (rows) => (await shared(rows)).map((shifts) => shifts?.[d]),
  }));
}

/** Along each direction; undefined for a row that the reader cannot read. */
type Shifts = Along;

async function shiftsOf(settings: ShiftSettings, rows: readonly AuditRow[]): Promise<Shifts[]> {
  const { model, seed, signal } = settings;
  const reader = { model, directions: settings.directions.map(({ direction }) => direction), signal };
  const given = await alongDirections(
    reader,
    rows.map((row) => [...promptOf(row), answerOf(row)]),
  );
  // A prompt that the reader cannot read gets no answer of its own either.
  const readable = rows.flatMap((row, i) => (given[i] === undefined ? [] : [{ row, i }]));
  const answers = await ownAnswers(
    model,
    readable.map(({ row }) => row),
    [seed],
    signal,
  );
  const own = await alongDirections(reader, answers);
  const found: Shifts[] = rows.map(() => undefined);
  for (const [k, { i }] of readable.entries()) {
    const [set, other] = [given[i], own[k]];
    if (set && other) found[i] = set.map((at, d) => at - (other[d] as number));
  }
  return found;
}
