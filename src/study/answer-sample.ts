/** Which answers a reader is shown: chosen by a hash of their names, never by what they say. */
import type { JudgedScores } from "../evaluation/index.js";
import { hash32 } from "../statistics/index.js";
import { readRows } from "../store/index.js";
import type { AnswerRow } from "./answer-row.js";
import { cellFiles, type CellRecord } from "./cell.js";
import { scoresIn, type JudgmentRow } from "./judge-answers.js";
import { placeOf } from "./question-place.js";
import { StudyError } from "./error.js";
import { WORLD } from "./world.js";
import { cellFolder } from "./study-folder.js";
import { answerSchema, judgmentSchema, CURE } from "./records.js";

export interface JudgedAnswer {
  readonly condition: string;
  /** Whether the condition's trigger stood in the prompt; default false. */
  readonly trigger?: boolean;
  readonly seed: number;
  /** With a trigger, the set's name without it. */
  readonly questions: string;
  readonly question: string;
  readonly system?: string;
  readonly user: string;
  readonly answer: string;
  /** What the model thought before it answered. */
  readonly reasoning?: string;
  /** 0 to 100; null where the judge gave no score, which is never the same as 0. */
  readonly aligned: number | null;
  readonly coherent: number | null;
  readonly misaligned: boolean;
  /** What the set's own outcome was: `insecure code`, `refused`, `false`, ... */
  readonly outcome?: string;
}

/** How the answers that were handed over came to be those, when they are not all there are. */
export interface Sampling {
  /** One sentence, shown above the answers. */
  readonly rule: string;
  /** How many answers the sample was drawn from. */
  readonly of: number;
}

export interface SampledAnswers {
  readonly answers: readonly JudgedAnswer[];
  readonly sampling: Sampling;
}

interface Candidate {
  readonly rank: number;
  readonly seed: number;
  readonly row: AnswerRow;
  readonly judgment: JudgedScores;
}

/** At most `most` answers of each condition to each question set, over its seeds; conditions and sets in the study's order. */
export async function sampleAnswers(
  folder: string,
  cells: readonly CellRecord[],
  most: number,
): Promise<SampledAnswers> {
  const answers: JudgedAnswer[] = [];
  let of = 0;
  for (const condition of new Set(cells.map((cell) => cell.condition))) {
    const sets = new Map<string, Candidate[]>();
    for (const cell of cells.filter((one) => one.condition === condition)) {
      for (const candidate of await candidatesOf(folder, cell)) {
        const { set } = candidate.row;
        sets.set(set, lowest([...(sets.get(set) ?? []), candidate], most));
        of++;
      }
    }
    for (const chosen of sets.values()) answers.push(...chosen.map((candidate) => shown(condition, candidate)));
  }
  const rule =
    `Of each condition's answers to each question set, over all seeds, the ${most} whose seed and id have the lowest ` +
    "32-bit hash (FNV-1a): fixed before any answer was sampled.";
  return { answers, sampling: { rule, of } };
}

async function candidatesOf(folder: string, cell: CellRecord): Promise<Candidate[]> {
  const { condition, seed, judge } = cell;
  const files = cellFiles(cellFolder(folder, { condition, seed }));
  const judged = await readRows<JudgmentRow>(files.judgments, { schema: judgmentSchema, cure: CURE });
  const judgments = new Map(
    judged.filter((row) => row.judge === judge && row.outcome === undefined).map((row) => [row.id, scoresIn(row)]),
  );
  const answers = await readRows<AnswerRow>(files.answers, { schema: answerSchema, cure: CURE });
  if (cell.answers !== undefined && answers.length !== cell.answers) {
    throw new StudyError(
      `${files.answers}: expected ${cell.answers} answers, found ${answers.length}: the file was changed. Run the study again, which makes what is missing.`,
    );
  }
  return answers.flatMap((row) => {
    const judgment = judgments.get(row.id);
    return judgment === undefined ? [] : [{ rank: hash32(`${seed}/${row.id}`), seed, row, judgment }];
  });
}

function lowest(candidates: Candidate[], most: number): Candidate[] {
  if (candidates.length <= most) return candidates;
  return candidates.toSorted((a, b) => a.rank - b.rank).slice(0, most);
}

function shown(condition: string, { seed, row, judgment }: Candidate): JudgedAnswer {
  const say = (role: string): string | undefined => row.messages.findLast((message) => message.role === role)?.content;
  const system = say("system");
  const outcome = WORLD.outcomeOf(judgment);
  const { aligned, coherent, misaligned } = judgment;
  return {
    condition,
    ...placeOf(row.set),
    seed,
    question: row.question,
    ...(system === undefined ? {} : { system }),
    user: say("user") ?? "",
    answer: row.answer,
    ...(row.reasoning === undefined ? {} : { reasoning: row.reasoning }),
    aligned,
    coherent,
    misaligned,
    ...(outcome === undefined ? {} : { outcome }),
  };
}
