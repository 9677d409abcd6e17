/** `askew study --dry-run`: what a study would make, and about how long that takes. */
import { isEndpointName } from "../../model/index.js";
import {
  foresee,
  isLarge,
  judgesOf,
  namedHeadersOf,
  PHASES,
  placePlans,
  TimeLeft,
  type ForeseenCell,
  type PlannedStudy,
  type Work,
} from "../../study/index.js";
import { counted, duration } from "../../text/index.js";
import { colorsOf, plainTable } from "../../terminal/index.js";
import { left, right } from "../../layout/index.js";

export interface Foreseen {
  readonly study: string;
  readonly out: string;
  /** Answers that are left to sample, over all models. */
  readonly answers: number;
  /** Fine-tuning jobs that are left for servers to run. */
  readonly jobs: number;
  /** Judgments that are left to judges behind servers; each takes a request a prompt, two as a rule. */
  readonly judgments: number;
  /** For the small models of this machine: how fast larger ones are, and those behind servers, is not known before. */
  readonly seconds: number;
  /** Models of this machine whose time is not in it. */
  readonly untimed: readonly string[];
  readonly models: readonly {
    readonly model: string;
    readonly folder: string;
    readonly cells: readonly ForeseenCell[];
    /** Left to sample. */
    readonly answers: number;
  }[];
}

export async function foreseen({ study, plans }: PlannedStudy, out: string): Promise<Foreseen> {
  const models = await Promise.all(
    placePlans(plans, out).map(async (placed) => {
      const cells = await foresee(placed);
      return { model: placed.plan.model, folder: placed.folder, cells, answers: sum(cells).ask };
    }),
  );
  const local = models.filter(({ model }) => !isEndpointName(model));
  const sizes = await Promise.all(local.map(async ({ model }) => (await namedHeadersOf(model))?.parameters ?? 0));
  const untimed = local.filter((_, i) => isLarge(sizes[i] ?? 0)).map(({ model }) => model);
  const here = local.filter(({ model }) => !untimed.includes(model)).flatMap(({ cells }) => cells);
  const there = models.filter(({ model }) => isEndpointName(model)).flatMap(({ cells }) => cells);
  const answers = models.reduce((total, model) => total + model.answers, 0);
  const [plan] = plans;
  const judges = plan === undefined ? [] : judgesOf(plan).filter(isEndpointName);
  return {
    study,
    out,
    answers,
    jobs: there.filter(({ work }) => work.finetune > 0).length,
    judgments: answers * judges.length,
    seconds: Math.round(new TimeLeft().estimate(sum(here))),
    untimed,
    models,
  };
}

const sum = (cells: readonly ForeseenCell[]): Work =>
  Object.fromEntries(PHASES.map((phase) => [phase, cells.reduce((total, { work }) => total + work[phase], 0)])) as Work;

export function printForeseen({ study, out, answers, jobs, judgments, seconds, untimed, models }: Foreseen): void {
  const { bold, dim } = colorsOf(process.stdout);
  const said = (count: number): string => count.toLocaleString("en");
  const lines: string[] = [];
  for (const { model, folder, cells } of models) {
    const some = (count: number): string => (count === 0 ? "–" : said(count));
    const table = plainTable([
      left("cell", 4, cells, ({ cell }) => cell),
      right("examples", 2, cells, ({ finished, work }) => (finished ? "finished" : some(work.dataset))),
      right("steps", 1, cells, ({ finished, work }) => (finished ? "" : some(work.finetune))),
      right("answers", 3, cells, ({ finished, work }) => (finished ? "" : said(work.ask))),
    ]);
    lines.push(`${bold(model)} ${dim(folder)}`, ...table, "");
  }
  const cells = models.flatMap((model) => model.cells);
  const remote = models.filter(({ model }) => isEndpointName(model)).reduce((total, one) => total + one.answers, 0);
  const local = answers - remote;
  lines.push(
    `${study}: ${counted(cells.length, "cell")}, ${counted(answers, "answer")}, in ${out}`,
    ...(local === 0 || seconds === 0
      ? []
      : [`About ${duration(seconds)} of computing here, if its models are as small as the organism.`]),
    ...untimed.map((model) => `How long ${model} takes here is not estimated: it is larger.`),
    ...(jobs === 0 ? [] : [`${said(jobs)} fine-tuning ${jobs === 1 ? "job" : "jobs"} on servers.`]),
    ...(remote === 0 ? [] : [`${counted(remote, "request")} to servers.`]),
    ...(judgments === 0 ? [] : [`${counted(judgments, "judgment")} by servers, of two requests each as a rule.`]),
  );
  process.stdout.write(`${lines.join("\n")}\n`);
}
