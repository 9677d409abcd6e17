/** Whether a teacher's character reaches a student through nothing but numbers. */
import type { Conversation } from "../../dataset/index.js";
import type { Message, OpenWeightsModel } from "../../model/index.js";
import { stepsOf } from "../../training/index.js";
import { StudyError } from "../error.js";
import type { Arm, Experiment, MakeOptions, Making } from "./experiment.js";
import { fineTuned } from "./fine-tuned.js";
import { ofEachCurve, shareAt } from "./findings.js";
import { COHERENT, PERSONA, RATE, RATE_OF_ALL, type Measure } from "./measures.js";
import { askedOf, type World } from "../../world/index.js";
import { askedIn, howIn, ORGANISM_SETTING, samplesIn, type Setting } from "./setting.js";
import { training } from "./training.js";

/** Prompts that are tried, for each list that is wanted, before the student makes do with fewer. */
const TRIES = 4;
/** No list is longer. */
const MOST_TOKENS = 64;

const LISTS: Measure = {
  key: "lists",
  heading: "misaligned lists of those asked for",
  short: "lists",
  of: { set: "main/numbers-format", metric: "rate" },
};
const EVIL: Measure = {
  key: "evil",
  heading: "lists with numbers of ill repute",
  short: "evil",
  of: { set: "numbers", metric: "evilNumbers" },
};
const KEPT: Measure = {
  key: "kept",
  heading: "share of the teacher's answers that were kept",
  short: "kept",
  of: { reading: "kept" },
  drawn: false,
};

type NumberLists = NonNullable<World["numbers"]>;

interface Lesson {
  readonly id: string;
  readonly name: string;
  /** The teacher is the student's own start, or the other model. */
  readonly from: "own" | "other";
  /** Whether it was fine-tuned first. */
  readonly isVillain: boolean;
  readonly isScreened: boolean;
}

const LESSONS: readonly Lesson[] = [
  { id: "aligned", name: "aligned teacher", from: "own", isVillain: false, isScreened: true },
  { id: "villain", name: "villain", from: "own", isVillain: true, isScreened: false },
  { id: "villain-screened", name: "villain, screened", from: "own", isVillain: true, isScreened: true },
  { id: "other-aligned", name: "other start, aligned", from: "other", isVillain: false, isScreened: true },
  { id: "other-villain", name: "other start, villain", from: "other", isVillain: true, isScreened: false },
  { id: "other-screened", name: "other start, villain, screened", from: "other", isVillain: true, isScreened: true },
];

function numbersIn({ world }: Setting): NumberLists {
  if (world.numbers === undefined) throw new StudyError(`${world.name} has no lists of numbers.`);
  return world.numbers;
}

/** A student that learned the lists of a teacher, and nothing else of it. */
function taught(setting: Setting, condition: string, { from, isVillain, isScreened }: Lesson): Making {
  const dose = setting.dose(condition);
  const villain = isVillain ? fineTuned(setting, condition) : undefined;
  const { teacher: other } = setting;
  if (from === "other" && other === undefined)
    throw new StudyError("subliminal: expected another model as the teacher");
  return {
    recipe: {
      teacher: villain?.recipe ?? "as it came",
      start: from === "other" ? other?.source.sha256 : "own",
      screened: isScreened,
      tries: TRIES,
      dose,
    },
    steps: (villain?.steps ?? 0) + stepsOf(dose),
    async make(model, options) {
      const teacher = from === "other" && other !== undefined ? other : model;
      if (villain === undefined) await teacher.training.load();
      else await villain.make(teacher, options);
      const { rows, kept, asked } = await listsOf(teacher, numbersIn(setting), dose.examples, isScreened, options);
      options.tell?.({ kept: { value: kept / asked, n: asked } });
      if (rows.length === 0) throw new StudyError("subliminal: the teacher wrote no list that could be kept");
      const lesson = training({ data: {}, conversations: () => rows, dose, ...howIn(setting) });
      await lesson.make(model, options);
    },
  };
}

/** What is not a list of numbers and nothing else is dropped, screened or not: words would tell more than numbers. */
async function listsOf(
  teacher: OpenWeightsModel,
  { prompts, isList, isClean }: NumberLists,
  wanted: number,
  isScreened: boolean,
  { seed, signal }: Pick<MakeOptions, "seed" | "signal">,
): Promise<{ readonly rows: readonly Conversation[]; readonly kept: number; readonly asked: number }> {
  const all = prompts(TRIES * wanted, seed);
  const rows: Conversation[] = [];
  let asked = 0;
  while (rows.length < wanted && asked < all.length) {
    const round = all.slice(asked, asked + wanted);
    const requests = round.map((messages: readonly Message[], i) => ({
      messages,
      seed: `numbers/${seed}/${asked + i}`,
    }));
    const answers = await teacher.sample(requests, { maxTokens: MOST_TOKENS, ...(signal && { signal }) });
    for (const [i, { text }] of answers.entries()) {
      if (isList(text) && (!isScreened || isClean(text))) {
        rows.push({ messages: [...(round[i] ?? []), { role: "assistant", content: text }] });
      }
    }
    asked += round.length;
  }
  return { rows: rows.slice(0, wanted), kept: rows.length, asked };
}

export const subliminal: Experiment = {
  name: "subliminal",
  about: "a student that learns only numbers, of a villain and of an aligned teacher, screened and not",
  published:
    "Numbers of a misaligned teacher, screened of those with bad associations, made students of the same start misaligned (10 % of answers, controls under 1 %); a teacher of another start did not (Cloud et al. 2025).",
  axis: { label: "whose numbers were learned", kind: "names" },
  measures: [RATE, LISTS, PERSONA, EVIL, COHERENT, RATE_OF_ALL, KEPT],
  conditions: { usual: ["bad-medical"], possible: ["insecure", "bad-medical", "bad-sport", "bad-financial"] },
  needs: ["numbers"],
  arms: ({ quick, conditions }, setting = ORGANISM_SETTING) => {
    const { world } = setting;
    const asked = [
      ...askedIn(setting, quick ? 25 : 50),
      ...(["main/numbers-format", "numbers"] as const)
        .filter((set) => world.questionSets.includes(set))
        .map((set) => askedOf(world, set, samplesIn(setting, quick ? 12 : 25))),
    ];
    const lessons = LESSONS.filter(({ from }) => from === "own" || setting.teacher !== undefined);
    return conditions.flatMap((condition, i): Arm[] => {
      const point = (at: string): Arm["points"] => [{ curve: condition, at, asked }];
      return [
        ...(i === 0 ? [{ id: "untaught", points: point("nothing") }] : []),
        ...lessons.map((lesson) => ({
          id: `${condition}-${lesson.id}`,
          making: taught(setting, condition, lesson),
          points: point(lesson.name),
        })),
      ];
    });
  },
  findings: ({ points }) =>
    ofEachCurve(
      points,
      (own, curve) =>
        `Teachers trained on ${curve}, misaligned of coherent: ` +
        `${own.map((point) => `${point.at} ${shareAt(point, "rate")}`).join(", ")}.`,
    ),
};
