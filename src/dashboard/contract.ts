/**
 * All that crosses between the server of `askew view` and its page, as JSON. Types alone, so that the page may import
 * this file; texts come from runs and are shown as text, never as markup.
 */
import type { DrawnFigure } from "../report/index.js";

/** The path of a run's folder from the folder that is viewed, with forward slashes; "." is that folder itself. */
export type RunId = string;

/** `stopped`: not finished, and no process works on it. */
export type RunState = "running" | "stopped" | "finished";

export interface Progress {
  /** `3 of 30 cells`, `step 40 of 60`. */
  readonly text: string;
  /** 0 to 1; absent where nobody knows how much there is to do. */
  readonly share?: number;
  /** Absent until something was measured. */
  readonly secondsLeft?: number;
}

export type ViewName = "study" | "chart" | "diff" | "watch" | "findings" | "latents" | "answers" | "events";

export interface RunCard {
  readonly id: RunId;
  readonly title: string;
  /** As run.json names it: `study`, `fine-tune`, `gate`. */
  readonly kind: string;
  readonly state: RunState;
  /** The command that began it, ready to be pasted. */
  readonly command?: string;
  /** ISO 8601. */
  readonly startedAt?: string;
  /** Milliseconds since 1970; when one of its files last changed. */
  readonly changedAt: number;
  /** Milliseconds since 1970; when it did something last, which copying its files does not change. */
  readonly activeAt: number;
  readonly progress?: Progress;
  /** Dollars. */
  readonly cost?: number;
  /** One sentence each. */
  readonly alarms: readonly string[];
  readonly views: readonly ViewName[];
}

export interface RunsSnapshot {
  /** The folder that is viewed. */
  readonly folder: string;
  readonly version: string;
  readonly allowRun: boolean;
  readonly runs: readonly RunCard[];
  /** Runs that were left out because there are too many. */
  readonly more: number;
}

/** One event of the stream of runs; the first is always a snapshot, or what came since the id that was last seen. */
export type RunsEvent =
  | { readonly type: "snapshot"; readonly snapshot: RunsSnapshot }
  | { readonly type: "run"; readonly run: RunCard }
  | { readonly type: "gone"; readonly id: RunId };

/** A line of a run's events.jsonl. */
export interface LoggedEvent {
  readonly id: number;
  readonly time: string;
  readonly type: string;
  readonly [more: string]: unknown;
}

/** A figure as the HTML report draws it, and its numbers. */
export type Figure = DrawnFigure;

export interface Table {
  readonly caption: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A result: what was found, in words and figures. */
export interface ResultView {
  readonly title: string;
  readonly sentences: readonly string[];
  readonly figures: readonly Figure[];
  readonly tables: readonly Table[];
  readonly facts: readonly (readonly [string, string])[];
}

export type SortKey = "order" | "aligned" | "coherent" | "spread";

/** What is looked for among a run's answers; sent as the query of an address. */
export interface AnswersQuery {
  readonly run: RunId;
  /** Words that question or answer hold; upper and lower case are the same. */
  readonly text?: string;
  readonly model?: string;
  readonly question?: string;
  readonly set?: string;
  /** Alignment scores, 0 to 100, both ends included. */
  readonly from?: number;
  readonly to?: number;
  readonly misaligned?: boolean;
  /** Judges differ on whether it is misaligned. */
  readonly disagree?: boolean;
  /** Only answers that were marked or noted. */
  readonly noted?: boolean;
  readonly sort?: SortKey;
  readonly descending?: boolean;
  readonly offset?: number;
  readonly limit?: number;
}

export interface AnswerLine {
  /** The file of answers within the run, as `sources` names it, and the answer's id there: together they name it. */
  readonly source: string;
  readonly id: string;
  /** Where it stands in the file; a hint that makes it quick to find. */
  readonly row: number;
  readonly model: string;
  readonly seed?: number;
  readonly set: string;
  readonly question: string;
  readonly prompt: string;
  /** Its beginning. */
  readonly answer: string;
  readonly aligned: number | null;
  readonly coherent: number | null;
  readonly misaligned: boolean;
  /** Highest less lowest alignment score, where several judges gave one. */
  readonly spread: number | null;
  /** Why there is no answer. */
  readonly outcome?: string;
  readonly mark?: Mark;
  readonly note?: string;
}

export interface AnswersPage {
  readonly lines: readonly AnswerLine[];
  readonly offset: number;
  /** Answers that fit, among those read so far. */
  readonly matches: number;
  readonly answers: number;
  readonly misaligned: number;
  /** Bytes of the files that are read, of all. Below 1, ask again for the rest. */
  readonly read: number;
  /** Share of the answers that were searched for the words. */
  readonly searched: number;
  readonly models: readonly string[];
  readonly sets: readonly string[];
  readonly questions: readonly string[];
  /** A file that could not be read, and why. */
  readonly problems: readonly string[];
}

export type Mark = "star" | "wrong" | "check";

export interface NoteRecord {
  readonly source: string;
  readonly id: string;
  readonly mark: Mark | null;
  readonly note: string;
}

export interface TokenChance {
  readonly token: string;
  readonly probability: number;
}

export interface JudgmentView {
  readonly judge: string;
  /** Every column of the row that is a number, a word or a yes or no. */
  readonly scores: readonly (readonly [string, string])[];
  readonly misaligned: boolean | null;
  /** What the judge said to each prompt, raw. */
  readonly replies: readonly {
    readonly prompt: string;
    readonly outcome: string;
    readonly replies: readonly string[];
    readonly chances: readonly TokenChance[];
    readonly mass?: number;
    readonly spread?: number;
  }[];
}

export interface ConversationView {
  readonly line: AnswerLine;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly answer: string;
  readonly reasoning?: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly judgments: readonly JudgmentView[];
}

export interface FindingLine {
  readonly check: string;
  readonly title: string;
  readonly outcome: string;
  readonly found: string;
  readonly cure: string;
  readonly limits: string;
  readonly measures: readonly {
    readonly name: string;
    /** `20.0 %` */
    readonly value: string;
    /** Empty where there is none. */
    readonly interval: string;
    /** What it was measured on, and how many: `90 answers`. */
    readonly of: string;
    /** Where the outcome turns; empty where nothing turns on it. */
    readonly bound: string;
  }[];
  /** How many rows it names, and the first of them. */
  readonly count: number;
  readonly rows: readonly { readonly file: string; readonly line: number; readonly why: string }[];
}

export interface FindingsView {
  readonly name: string;
  readonly outcome: string;
  readonly because: string;
  readonly findings: readonly FindingLine[];
}

export interface LatentCardView {
  readonly latent: number;
  /** Share of tokens that have it. */
  readonly frequency: number;
  readonly promotes: readonly (readonly [token: string, by: number])[];
  readonly aurocs: readonly (readonly [label: string, auroc: number])[];
  readonly texts: readonly {
    readonly label: string;
    readonly peak: number;
    /** Each token, and how active the latent is on it: 0 to 1. */
    readonly tokens: readonly (readonly [token: string, strength: number])[];
  }[];
}

export interface LatentsView {
  /** That fit. */
  readonly latents: number;
  readonly offset: number;
  readonly labels: readonly string[];
  readonly cards: readonly LatentCardView[];
  readonly facts: readonly (readonly [string, string])[];
}

export interface ComparisonView {
  readonly figures: readonly Figure[];
  readonly table: Table;
  /** Share of both runs' answers that were read; below 1, ask again. */
  readonly read: number;
  /** Of each run. */
  readonly models: readonly [readonly string[], readonly string[]];
}
