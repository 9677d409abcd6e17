/** Who scores a study's answers: the exact judge, or models, each opened once for all cells. */
import { OWN_RUBRIC, questionRubric, RubricJudge, rubricOf, type Rubric } from "../evaluation/index.js";
import { openModel } from "../model/index.js";
import { isWorldJudge } from "./world.js";
import type { StudyModel } from "./base-model.js";
import { judgesOf, type CellSet, type Judging } from "./plan.js";

/** A judge of a study. The exact one needs nothing. */
export interface StudyJudge {
  readonly name: string;
  readonly model?: ModelJudge;
}

/** Every judge of a plan, ready; `close` lets go of their models. */
export interface OpenJudges {
  readonly judges: readonly StudyJudge[];
  close(): Promise<void>;
}

export async function openJudges(
  plan: Judging,
  open: (name: string) => Promise<StudyModel> = openModel,
  onNotice?: (notice: string) => void,
): Promise<OpenJudges> {
  const judges: StudyJudge[] = [];
  const close = async (): Promise<void> => {
    for (const { model } of judges) await model?.close();
  };
  try {
    for (const name of judgesOf(plan)) {
      judges.push(
        isWorldJudge(name) ? { name } : { name, model: new ModelJudge(name, await open(name), plan.prompts, onNotice) },
      );
    }
    return { judges, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A model as a judge; each question set may bring prompts of its own. */
export class ModelJudge {
  readonly #ready = new Map<string, RubricJudge>();

  constructor(
    readonly name: string,
    private readonly model: StudyModel,
    private readonly prompts: Judging["prompts"],
    private readonly onNotice?: (notice: string) => void,
  ) {}

  /** Prompts of the study come first, then those of the set's questions, then askew's own. */
  async for(set: CellSet, signal?: AbortSignal): Promise<RubricJudge> {
    const key = this.prompts === undefined && set.questions !== undefined ? set.set : "";
    const known = this.#ready.get(key);
    if (known !== undefined) return known;
    const judge = await RubricJudge.of(this.model, {
      rubric: this.#rubric(set),
      name: this.name,
      signal,
      ...(this.onNotice && { onNotice: this.onNotice }),
    });
    this.#ready.set(key, judge);
    return judge;
  }

  #rubric(set: CellSet): Rubric {
    if (this.prompts !== undefined) return rubricOf(this.prompts.source, this.prompts.templates);
    return set.questions === undefined ? OWN_RUBRIC : questionRubric(set.questions, set.set);
  }

  close(): Promise<void> {
    return this.model.close();
  }
}
