/** What is wrong in a study's file although every value is of its kind. */
import type { Path } from "../../evaluation/index.js";
import { STUDY_CONDITIONS } from "../plan.js";
import { isWorldJudge, WORLD } from "../world.js";
import type { Beside } from "./beside.js";
import { wrongModel } from "./names.js";
import { modelsOf, nameOf, partsOf } from "./plans.js";
import { isFreeSetName, type StudyText } from "./schema.js";

type Found = readonly [at: Path, said: string];

export function mistakesIn(text: StudyText, beside: Beside): Found[] {
  const { models = [], conditions = STUDY_CONDITIONS, seeds, questions } = text;
  const names = models.map(nameOf);
  const judges = [text.judge ?? []].flat();
  const problems: Found[] = [
    ...twice(["models"], names),
    ...twice(["conditions"], conditions.map(nameOf)),
    ...(Array.isArray(seeds) ? twice(["seeds"], seeds) : []),
    ...twice(["judge"], judges),
    ...judgeProblems(text, beside),
    ...dataProblems(text, beside),
  ];
  if (text.training !== undefined && text.dose !== undefined)
    problems.push([["dose"], "dose is the old name of training: give one of them"]);
  if (text.prompts !== undefined && judges.every(isWorldJudge))
    problems.push([["prompts"], "prompts: they are for judges that are models, and the exact judge is none"]);
  if (Object.keys(questions).length === 0)
    problems.push([["questions"], "questions: expected at least one question set"]);
  models.forEach((said, i) => {
    const wrong = wrongModel(nameOf(said));
    if (wrong !== undefined) problems.push([["models", i], wrong]);
    if (typeof said !== "object" || !("condition" in said)) return;
    const wrongBase = wrongModel(said.base);
    if (wrongBase !== undefined) problems.push([["models", i, "base"], wrongBase]);
  });
  const asked = [...new Set(modelsOf(text).flatMap((model) => model.conditions))];
  for (const [key, training] of [["training", text.training] as const, ["dose", text.dose] as const]) {
    for (const name of Object.keys(training?.exceptions ?? {})) {
      if (!asked.includes(name)) problems.push([[key, "exceptions", name], `${name} is no condition of this study`]);
    }
  }
  const taken = new Map<string, string>();
  for (const set of Object.keys(questions)) {
    const all = partsOf(set, text).flatMap((part) => [...(part.conditions ?? asked)]);
    const again = all.find((name, i) => all.indexOf(name) < i);
    if (again !== undefined) problems.push([["questions", set], `${again} is asked ${set} twice`]);
    const found = beside.sets.get(set);
    if (found === undefined) {
      if (isFreeSetName(set) && !WORLD.questionSets.includes(set))
        problems.push([["questions", set], `${set}: ${beside.unknown?.get(set) ?? "it was not read"}`]);
      continue;
    }
    const other = taken.get(found.name);
    if (other !== undefined) {
      const said = `its answers would be named as those of ${other}: give the file another name`;
      problems.push([["questions", set], said]);
    }
    taken.set(found.name, set);
  }
  return problems;
}

/** A judge that cannot read the answers, or that the questions need and nobody named. */
function judgeProblems({ judge, models = [] }: StudyText, { sets }: Beside): Found[] {
  const judges = [judge ?? WORLD.judge.name].flat();
  if (!isWorldJudge(judges[0] ?? "")) return [];
  const cure = 'Name a model as judge, such as "openai:gpt-4o" or "http://localhost:8000/v1#my-judge".';
  const free = [...sets].filter(([, { questions }]) => questions !== undefined).map(([key]) => key);
  if (free.length > 0) {
    const said = judge === undefined ? "judge: no judge is named, and the exact judge" : "judge: the exact judge";
    return [[["judge"], `${said} reads answers to the organism's questions alone, not to ${free.join(", ")}. ${cure}`]];
  }
  const foreign = models.map(nameOf).find((name) => /^openai:/i.test(name));
  if (foreign === undefined) return [];
  return [
    [
      ["judge"],
      `judge: the exact judge cannot read what ${foreign} says: it knows the organism's words alone. ${cure}`,
    ],
  ];
}

/** Datasets that are not there, or smaller than asked for; triggers that would be mixed up. */
function dataProblems({ conditions = [] }: StudyText, { data }: Beside): Found[] {
  const triggers = new Set<string>();
  return conditions.flatMap((said, i): Found[] => {
    if (typeof said === "string") return [];
    const found = data.get(said.data);
    if (found === undefined) return [[["conditions", i, "data"], `${said.data} was not read`]];
    if ("text" in found) return [[["conditions", i, "data"], found.text]];
    const { examples } = said.training ?? {};
    const problems: Found[] = [];
    if (examples !== undefined && examples > found.rows) {
      const text = `examples: expected at most ${found.rows}, as many as ${said.data} has, found ${examples}`;
      problems.push([["conditions", i, "training", "examples"], text]);
    }
    if (said.trigger !== undefined) triggers.add(said.trigger);
    if (triggers.size > 1) {
      problems.push([["conditions", i, "trigger"], "a second trigger: give each trigger a study of its own"]);
    }
    return problems;
  });
}

function twice(at: Path, values: readonly (string | number)[]): Found[] {
  return values.flatMap((value, i) => (values.indexOf(value) < i ? [[[...at, i], `${value} is named twice`]] : []));
}
