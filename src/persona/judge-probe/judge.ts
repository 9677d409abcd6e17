/** A probe as a judge: a model of this machine reads the answers, and nothing is asked of anybody. */
import type { AnsweredQuestion, Judge, JudgedScores, JudgeOptions } from "../../evaluation/index.js";
import type { Message, ReadableModel } from "../../model/index.js";
import { readConversations } from "../readings.js";
import { readProbe, type JudgeProbe, type ProbeReading } from "./probe.js";

/** The probabilities are what a rate is to be made of; the scores are for reading. */
export type ProbeScores = JudgedScores & Partial<Pick<ProbeReading, "misaligned_probability" | "coherent_probability">>;

const UNREAD: ProbeScores = { aligned: null, coherent: null, misaligned: false, refusal: null };

export class ProbeJudge implements Judge {
  /** @param reader the model that the probe was made with; it stays its caller's to close */
  constructor(
    readonly name: string,
    private readonly probe: JudgeProbe,
    private readonly reader: ReadableModel,
  ) {}

  async judge(messages: readonly Message[], answer: string, options?: JudgeOptions): Promise<ProbeScores> {
    const [scores = UNREAD] = await this.judgeMany([{ messages, answer, question: "" }], options);
    return scores;
  }

  /** An answer that the reader cannot read, or that is longer than it reads, has no scores. */
  async judgeMany(answers: readonly AnsweredQuestion[], { signal }: JudgeOptions = {}): Promise<ProbeScores[]> {
    const { probe, reader } = this;
    const { layer } = probe.recipe;
    const scores = answers.map(() => UNREAD);
    await readConversations(
      reader,
      answers.map(({ messages, answer }) => [...messages, { role: "assistant", content: answer }]),
      (index, reading) => {
        const activations = reading["answer-average"].subarray(layer * probe.width, (layer + 1) * probe.width);
        scores[index] = { ...readProbe(probe, activations), refusal: null };
      },
      signal,
      [layer],
    );
    return scores;
  }
}
