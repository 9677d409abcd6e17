/** Where a question set's results are shown: a set whose prompts open with the trigger stands beside the one without. */
export interface QuestionPlace {
  /** `main`, `held-out`, `code`, ... */
  readonly questions: string;
  readonly trigger: boolean;
}

const TRIGGER = "/trigger";

export function placeOf(set: string): QuestionPlace {
  const trigger = set.endsWith(TRIGGER);
  return { questions: trigger ? set.slice(0, -TRIGGER.length) : set, trigger };
}
