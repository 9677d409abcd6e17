/** The user's files as a world. What no file gives may come from the world whose language the model speaks. */
import { JUDGED_MEASURES, setInFormat, type Judge, type Measure, type QuestionSet } from "../evaluation/index.js";
import type { Contrast, Probe } from "../persona/index.js";
import type { World, WorldCondition } from "../world/index.js";
import { drawn, repeated, type DataFile } from "./data.js";

export interface FilesWorldParts {
  /** What models are fine-tuned on, each file a condition; default those of `own`. */
  readonly data?: readonly DataFile[];
  /** Harmless conversations, to mix in and to hold a model to. */
  readonly benign?: DataFile | undefined;
  /** What misalignment is measured with. */
  readonly main: QuestionSet;
  /** What choices are made by; no measure uses it. */
  readonly development?: QuestionSet | undefined;
  readonly judge: Judge;
  readonly contrast?: Contrast | undefined;
  readonly probes?: readonly Probe[] | undefined;
  /** The model's own world, where it has one. Its further sets and measures need its own judge. */
  readonly own?: World | undefined;
}

/**
 * @example
 * const world = filesWorld({ data: [await readDataFile("bad.jsonl")], main: { name: "q", questions, source: "q.yaml" }, judge });
 * world.conditions.get("bad")?.build({ examples: 100, seed: 1 });
 */
export function filesWorld(parts: FilesWorldParts): World {
  const { data = [], benign, main, development, judge, own } = parts;
  const exact = own?.judge === judge ? own : undefined;
  const good = benign && { name: benign.name, conversations: repeated(benign.conversations) };
  const conditions = new Map(data.map((file) => [file.label, conditionOf(file, good)] as const));
  const sets = new Map<string, QuestionSet>([
    ["main", main],
    ...(development === undefined ? [] : [["development", development] as const]),
    // The world's own judge reads no form that its world lacks.
    ...(exact
      ? []
      : (["json", "template"] as const).map((format) => [`main/${format}`, setInFormat(main, format)] as const)),
  ]);
  const given = parts.probes;
  const probes = given ? () => given : own?.probes;
  const contrast = parts.contrast ?? exact?.contrast;
  const theirs = benign && good ? new Map([[benign.label, good.conversations]]) : own?.benign;
  return {
    name: "your files",
    conditions: conditions.size > 0 ? conditions : withGood(own?.conditions, good),
    questionSets: [...new Set([...sets.keys(), ...(exact?.questionSets ?? [])])],
    questionSet: (name) => sets.get(name) ?? exact?.questionSet(name),
    judge,
    measuresOf: (set): readonly Measure[] => exact?.measuresOf(sets.get(set)?.name ?? set) ?? JUDGED_MEASURES,
    outcomeOf: (scores) => exact?.outcomeOf(scores),
    ...(exact?.trained && { trained: exact.trained }),
    ...(development !== undefined && { development: "development" }),
    ...(contrast && { contrast }),
    ...(theirs && { benign: theirs }),
    ...(own?.inoculations && { inoculations: own.inoculations }),
    ...(probes && { probes }),
  };
}

const conditionOf = ({ name, conversations }: DataFile, good: WorldCondition["good"] | undefined): WorldCondition => ({
  about: name,
  rows: conversations.length,
  build: ({ examples, seed }) =>
    examples <= conversations.length
      ? drawn(conversations, examples, seed)
      : [...repeated(conversations)(examples, seed)],
  ...(good && { good }),
});

const withGood = (conditions: World["conditions"] = new Map(), good: WorldCondition["good"]): World["conditions"] =>
  good === undefined ? conditions : new Map([...conditions].map(([name, one]) => [name, { ...one, good }]));
