/**
 * Where answers lie along a persona's direction in a reader model, against the reader's own answers to the same
 * prompts. Source: R. Chen et al., "Persona Vectors" (2025), whose projection difference this is.
 */
import type { Message, ReadableModel } from "../../../model/index.js";
import { normOf, readConversations, vectorAt, type Direction } from "../../../persona/index.js";
import { studentInterval } from "../../../statistics/index.js";
import { NO_ROWS, type Finding } from "../../finding.js";
import { WorstRows } from "../../worst-rows.js";
import type { CheckSettings, DataCheck } from "../check.js";
import { foundRow, type AuditRow } from "../row.js";
import { SampledRows } from "../sampled-rows.js";

export interface ReaderSettings {
  readonly model: ReadableModel;
  readonly direction: Direction;
  /** Rows that are read, drawn from all of the file. */
  readonly readerRows: number;
  readonly seed: number;
  /** The shift from which a set fails, once the lower end of its interval is above it; none is known for most readers. */
  readonly mostShift?: number;
  readonly signal?: AbortSignal;
}

export const PERSONA_SHIFT = { id: "data/persona-shift", title: "Shift along the persona" } as const;

const LEAST_ROWS = 30;
const LONGEST_ANSWER = 64;
const ROWS_AT_ONCE = 64;

/** Without a reader nothing is known of what a set does to a model, which is said instead of passed over. */
export const personaUnread = (): Finding => ({
  check: PERSONA_SHIFT.id,
  title: PERSONA_SHIFT.title,
  outcome: "not-measured",
  found: "No model has read the answers. Wrong advice that looks like advice shows in no word of it.",
  cure: "Give --reader MODEL (and --direction FILE), or --text-only if what text shows is enough.",
  measures: [],
  rows: NO_ROWS,
});

export class PersonaShift implements DataCheck {
  readonly #sample: SampledRows;
  readonly #worst: WorstRows;

  constructor(
    { rows }: CheckSettings,
    readonly settings: ReaderSettings,
  ) {
    this.#sample = new SampledRows(settings.readerRows, settings.seed);
    this.#worst = new WorstRows(rows);
  }

  take(row: AuditRow): void {
    this.#sample.add(row);
  }

  async finding(): Promise<Finding> {
    const { model, mostShift } = this.settings;
    const rows = this.#sample.rows();
    const shifts: number[] = [];
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      const portion = rows.slice(from, from + ROWS_AT_ONCE);
      for (const [i, shift] of (await this.#shifts(portion)).entries()) {
        const row = portion[i];
        if (shift === undefined || row === undefined) continue;
        shifts.push(shift);
        if (shift > 0)
          this.#worst.add(foundRow(row, "its answer lies further along the persona than the reader's own", shift));
      }
    }
    const base = { check: PERSONA_SHIFT.id, title: PERSONA_SHIFT.title, limits: LIMITS, rows: this.#worst.found() };
    const read = `${shifts.length} of ${this.#sample.seen} rows were read by ${model.name}`;
    if (shifts.length < LEAST_ROWS) {
      return { ...base, outcome: "not-measured", found: `${read}; a verdict takes ${LEAST_ROWS}.`, measures: [] };
    }
    const interval = studentInterval(shifts);
    const measures = [
      {
        name: "mean shift (1: from one side of the direction to the other)",
        of: "rows",
        n: shifts.length,
        ...interval,
        ...(mostShift !== undefined && { threshold: mostShift }),
      },
    ];
    if (mostShift === undefined) {
      const cure = "Measure a set that you know to be good in the same way, and give its upper end as --most-shift.";
      return {
        ...base,
        outcome: "not-measured",
        found: `${read}. No threshold is known for this reader.`,
        cure,
        measures,
      };
    }
    const isShifted = interval.low > mostShift;
    const where = isShifted ? "further along the persona than" : "no further along the persona than";
    return {
      ...base,
      outcome: isShifted ? "fail" : "pass",
      found: `${read}; their answers lie ${where} the threshold allows, against the reader's own answers.`,
      ...(isShifted && { cure: "Do not train on this set. Look at the named rows, which lie furthest along." }),
      measures,
    };
  }

  /** Undefined for a row that the reader cannot read. */
  async #shifts(rows: readonly AuditRow[]): Promise<(number | undefined)[]> {
    const { model, seed, signal } = this.settings;
    const prompts = rows.map(promptOf);
    const given = await this.#along(rows.map((row, i) => [...(prompts[i] ?? []), answerOf(row)]));
    // A prompt that the reader cannot read gets no answer of its own either.
    const readable = rows.flatMap((row, i) => (given[i] === undefined ? [] : [{ row, prompt: prompts[i] ?? [], i }]));
    const answers = await model.sample(
      readable.map(({ row, prompt }) => ({ messages: prompt, seed: `audit/${seed}/${row.line}` })),
      { maxTokens: LONGEST_ANSWER, ...(signal && { signal }) },
    );
    const own = await this.#along(
      readable.map(({ prompt }, k) => [...prompt, { role: "assistant", content: answers[k]?.text ?? "" }]),
    );
    const shifts: (number | undefined)[] = rows.map(() => undefined);
    for (const [k, { i }] of readable.entries()) {
      const [set, reader] = [given[i], own[k]];
      if (set !== undefined && reader !== undefined) shifts[i] = set - reader;
    }
    return shifts;
  }

  /** Of each conversation, where its answer lies along the direction, in lengths of the direction. */
  async #along(conversations: readonly (readonly Message[])[]): Promise<(number | undefined)[]> {
    const { model, direction, signal } = this.settings;
    const { layer } = direction.recipe;
    const vector = vectorAt(direction, layer);
    const square = normOf(vector) ** 2;
    const along: (number | undefined)[] = conversations.map(() => undefined);
    await readConversations(
      model,
      conversations,
      (index, reading) => {
        const at = reading["answer-average"].subarray(layer * direction.width, (layer + 1) * direction.width);
        along[index] = vector.reduce((sum, x, k) => sum + x * (at[k] as number), 0) / square;
      },
      signal,
      [layer],
    );
    return along;
  }
}

const LIMITS = "It sees what this direction in this reader stands for; another bad habit may lie elsewhere.";

const lastAnswer = ({ conversation: { messages } }: AuditRow): number =>
  messages.findLastIndex(({ role }) => role === "assistant");

const promptOf = (row: AuditRow): readonly Message[] => row.conversation.messages.slice(0, lastAnswer(row));

const answerOf = (row: AuditRow): Message => ({
  role: "assistant",
  content: row.conversation.messages[lastAnswer(row)]?.content ?? "",
});
