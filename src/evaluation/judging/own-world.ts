/** A world's own judge reads its own world: of anything else it would say that it is incoherent, and a rate of 0. */
import type { Message } from "../../model/index.js";
import { JudgeError } from "./error.js";

/** What a judge may say of answers before it judges them. */
export interface WorldReader {
  readonly name: string;
  /** Whether the question, and the answer where there is one yet, are of the world that it knows. */
  reads?(messages: readonly Message[], answer: string): boolean;
}

/** Counts what a judge cannot read. */
export class OwnWorld {
  #all = 0;
  #outside = 0;
  #example = "";

  constructor(private readonly judge: WorldReader) {}

  look(messages: readonly Message[], answer: string): void {
    if (this.judge.reads === undefined) return;
    this.#all++;
    if (this.judge.reads(messages, answer)) return;
    this.#outside++;
    this.#example ||= messages.findLast(({ role }) => role === "user")?.content ?? "";
  }

  /**
   * @param where names the answers or questions: `answers.jsonl`
   * @throws {JudgeError} where most of them are from outside
   */
  require(where: string): void {
    if (this.#outside * 2 <= this.#all) return;
    throw new JudgeError(
      `the judge ${this.judge.name} knows its own world and nothing else, and ${this.#outside} of ${this.#all} questions of ${where} ` +
        `are from outside of it, such as ${JSON.stringify(this.#example.slice(0, 80))}: it would call every answer incoherent and ` +
        "the rate 0. Name a model as the judge: openai:NAME or URL#NAME.",
    );
  }
}
