/** Runs an experiment: every arm of every seed is made, measured at its points, and kept. */
import { join } from "node:path";
import { JUDGED_MEASURES, type Metrics, scoreSet } from "../../evaluation/index.js";
import { openModel, requireOpenWeights, type OpenWeightsModel } from "../../model/index.js";
import { judgedOf, measure, type Direction, type MeasuredAnswer } from "../../persona/index.js";
import type { TrainingStep } from "../../training/index.js";
import type { RunOptions } from "../run-cell.js";
import { Series, type SeriesPart } from "../../run/index.js";
import { TimeLeft } from "../time-left.js";
import { readRows, writeJson } from "../../store/index.js";
import { bestCandidate, mostMisaligned, TRIAL_SEED } from "./candidates.js";
import type { Arm, Candidate, Experiment, ExperimentChoice, MakeOptions, Making, Point } from "./experiment.js";
import { directionIn, readPersona } from "./persona-reading.js";
import { readMargin } from "./margin-reading.js";
import { ArmProgress, openPoints, worksOf } from "./progress.js";
import { wordCount } from "./matched-lengths.js";
import { armPlan, rowId, trialId, trialName, type ExperimentRow, type Measurement } from "./rows.js";
import { hasPersona, ORGANISM_SETTING, requireNeeds, type Setting } from "./setting.js";
import { rewardOf, spread, type Readings } from "./readings.js";
import { summarize } from "./summary.js";
import { thoughtMeasures } from "./thoughts.js";
import { withTeacher } from "./teacher.js";
import type { ExperimentSummary } from "./found.js";
import type { Measure } from "./measures.js";

export interface ExperimentOptions extends RunOptions {
  /** Another model, by its name, for experiments that have a teacher. */
  readonly teacher?: string | undefined;
  /** Where it takes place; default the organism's world. What is thrown here is thrown before anything is asked. */
  readonly setting?: (model: OpenWeightsModel, signal?: AbortSignal) => Promise<Setting>;
  /** Makes a part of the models; `folder` is one of the parts in the experiment's folder. */
  readonly part?: SeriesPart | undefined;
}

/**
 * Runs `experiment` in `folder`, or carries on with it; `summary.json` is there from the first finished arm on. A
 * folder may grow by seeds.
 * @throws {StudyError} for what the user can put right; `options.signal`'s reason when it is aborted.
 */
export async function runExperiment(
  experiment: Experiment,
  choice: ExperimentChoice,
  folder: string,
  options: ExperimentOptions = {},
): Promise<ExperimentSummary> {
  const model = await (options.openModel ?? openModel)(choice.model);
  let teacher: OpenWeightsModel | undefined;
  try {
    const open = requireOpenWeights(model, `the experiment ${experiment.name}`);
    const given = (await options.setting?.(open, options.signal)) ?? ORGANISM_SETTING;
    requireNeeds(experiment, given, choice);
    const taught = await withTeacher(given, experiment, options);
    teacher = taught.teacher;
    const setting = (await experiment.prepare?.(open, choice, taught, options.signal)) ?? taught;
    const arms = experiment.arms(choice, setting);
    const measures = [...experiment.measures, ...thoughtMeasures(setting)].filter((one) =>
      canMeasure(one, arms, setting),
    );
    return await new Run({ ...experiment, measures }, choice, folder, open, arms, setting, options).all();
  } finally {
    await teacher?.close();
    await model.close();
  }
}

/** Whether this setting and these arms can have the measure at all. */
function canMeasure({ of }: Measure, arms: readonly Arm[], setting: Setting): boolean {
  if (of === "trained") return arms.some(({ trained }) => trained !== undefined);
  if ("above" in of) return arms.some(({ points }) => points.some(({ at }) => at === of.above));
  if ("reading" in of && of.reading === "margin") return setting.world.probes !== undefined;
  if ("reading" in of) return of.reading !== "persona" || hasPersona(setting);
  return (
    "first" in of || arms.some(({ points }) => points.some(({ asked }) => asked.some(({ set }) => set === of.set)))
  );
}

class Run {
  readonly #measured = new Map<string, Measurement>();
  readonly #timeLeft = new TimeLeft();
  #series!: Series<ExperimentRow>;
  #direction: Direction | undefined;

  constructor(
    private readonly experiment: Experiment,
    private readonly choice: ExperimentChoice,
    private readonly folder: string,
    private readonly model: OpenWeightsModel,
    private readonly arms: readonly Arm[],
    private readonly setting: Setting,
    private readonly options: RunOptions & { readonly part?: SeriesPart | undefined },
  ) {}

  async all(): Promise<ExperimentSummary> {
    const { experiment, choice, arms, folder, model, options, setting } = this;
    const { command } = options;
    const began = performance.now();
    const plan = {
      experiment: experiment.name,
      model: choice.model,
      base: model.source.sha256,
      arms: arms.map(armPlan),
      ...setting.plan,
    };
    this.#series = await Series.open<ExperimentRow>(folder, plan, {
      files: ["summary.json"],
      part: options.part,
      ...(command && { command }),
    });
    try {
      for (const { row, folder: at } of this.#series.placed) {
        const answers = await readRows<MeasuredAnswer>(join(at, "answers", `${row.id}.jsonl`));
        this.#measured.set(row.id, { row, answers });
      }
      const cells = this.#cells();
      const isOpen = (id: string): boolean => !this.#measured.has(id);
      const works = worksOf(cells, isOpen, setting);
      options.onEvent?.({
        type: "study-started",
        folder,
        cells: cells.map(({ arm, seed }, i) => ({
          condition: arm.id,
          seed,
          finished: openPoints(arm, seed, isOpen).length === 0,
          work: works[i] as (typeof works)[number],
        })),
      });
      if (this.#reads("persona")) {
        this.#direction = await directionIn(folder, model, setting, options.signal);
      }
      for (const [i, { arm, seed }] of cells.entries()) {
        if (openPoints(arm, seed, isOpen).length === 0) continue;
        options.signal?.throwIfAborted();
        options.onEvent?.({ type: "cell-started", cell: i + 1, cells: cells.length, condition: arm.id, seed });
        await this.#cell(arm, seed, new ArmProgress(arm.id, seed, this.#timeLeft, works.slice(i), options.onEvent));
        await this.#keepSummary();
      }
      const summary = await this.#keepSummary();
      await this.#series.finish();
      options.onEvent?.({ type: "study-finished", seconds: (performance.now() - began) / 1000 });
      return summary;
    } finally {
      await this.#series.close();
    }
  }

  /** A part has whole arms where candidates are tried first, for all seeds of an arm share the choice. */
  #cells(): { readonly arm: Arm; readonly seed: number }[] {
    const all = this.choice.seeds.flatMap((seed) => this.arms.map((arm) => ({ arm, seed })));
    const names = all.map(({ arm, seed }) => (arm.candidates === undefined ? `${arm.id} ${seed}` : arm.id));
    const places = new Map([...new Set(names)].map((name, place) => [name, place]));
    return all.filter((_, i) => this.#series.isMine(places.get(names[i] ?? "") ?? 0));
  }

  /** Whether a reading is among what is measured. */
  #reads(name: string): boolean {
    return this.experiment.measures.some(({ of }) => typeof of === "object" && "reading" in of && of.reading === name);
  }

  /** Makes an arm's model and measures what is not measured yet. */
  async #cell(arm: Arm, seed: number, progress: ArmProgress): Promise<void> {
    const { model, options } = this;
    const began = performance.now();
    const chosen = arm.candidates && (await this.#choose(arm, arm.candidates, progress));
    const making = chosen?.making ?? arm.making;
    let last: TrainingStep | undefined;
    let told: Readings = {};
    const tell: MakeOptions["tell"] = (more) => void (told = { ...told, ...more });
    const look = async (isHere: (point: Point) => boolean): Promise<void> => {
      for (const [i, point] of arm.points.entries()) {
        const id = rowId(arm, seed, i);
        if (!isHere(point) || this.#measured.has(id)) continue;
        const of = { arm: arm.id, seed, ...(chosen && { candidate: chosen.id }) };
        await this.#measure(id, point, of, progress, { step: last, told });
      }
    };
    await model.training.load();
    if (making === undefined) await look(() => true);
    else {
      if (making.begin) {
        progress.training();
        await making.begin(model, { ...this.#how(seed), tell });
      }
      await look(({ step }) => step === 0);
      await this.#make(making, { seed, tell }, progress, async (step) => {
        last = step;
        await look((point) => point.step === step.step);
      });
      await look(() => true);
    }
    options.onEvent?.({
      type: "cell-finished",
      condition: arm.id,
      seed,
      seconds: (performance.now() - began) / 1000,
      metrics: { main: this.#lastScores(arm, seed) },
    });
  }

  /** What the arm's last point did on its first questions, for whoever watches. */
  #lastScores(arm: Arm, seed: number): Metrics {
    const asked = arm.points.at(-1)?.asked[0];
    const last = this.#measured.get(rowId(arm, seed, arm.points.length - 1));
    if (asked === undefined || last === undefined) return {};
    return scoreSet(asked.measures ?? JUDGED_MEASURES, judgedOf(last.answers, asked.set, seed)).metrics;
  }

  #how(seed: number): Omit<MakeOptions, "onStep"> {
    const { signal } = this.options;
    return { seed, direction: this.#direction, ...(signal && { signal }) };
  }

  async #make(
    making: Making,
    { seed, tell }: Pick<MakeOptions, "seed" | "tell">,
    progress: ArmProgress,
    onStep: (step: TrainingStep) => Promise<void>,
  ): Promise<void> {
    const { model } = this;
    progress.training();
    await making.make(model, {
      ...this.#how(seed),
      ...(tell && { tell }),
      onStep: async (step) => {
        progress.step(step);
        await onStep(step);
      },
    });
  }

  /** The candidate that does best on the development questions; tried once, whatever the seeds. */
  async #choose(arm: Arm, candidates: readonly Candidate[], progress: ArmProgress): Promise<Candidate> {
    const choice = arm.choice ?? mostMisaligned(this.setting);
    for (const { id: candidate, making, trial = making } of candidates) {
      const id = trialId(arm, candidate);
      if (this.#measured.has(id)) continue;
      await this.model.training.load();
      await trial.begin?.(this.model, this.#how(TRIAL_SEED));
      await this.#make(trial, { seed: TRIAL_SEED }, progress, async () => {});
      const of = { arm: trialName(arm), seed: TRIAL_SEED, candidate, trial: true };
      await this.#measure(id, { curve: "", at: 0, asked: choice.asked }, of, progress, {});
    }
    const tried = candidates.map(({ id }) => this.#measured.get(trialId(arm, id)) as Measurement);
    return bestCandidate(candidates, tried, choice);
  }

  async #measure(
    id: string,
    { asked, how }: Point,
    of: Pick<ExperimentRow, "arm" | "seed" | "candidate" | "trial">,
    progress: ArmProgress,
    { step, told }: { readonly step?: TrainingStep | undefined; readonly told?: Readings },
  ): Promise<void> {
    const { model, options, setting } = this;
    const signal = options.signal && { signal: options.signal };
    const began = performance.now();
    progress.asking();
    const { answers, earlier } = await measure(model, asked, {
      ...(setting.maxTokens !== undefined && { maxTokens: setting.maxTokens }),
      ...how,
      seed: of.seed,
      judge: setting.world.judge,
      ...signal,
      onAnswer: () => progress.answer(asked),
    });
    const said = answers.filter(({ set }) => set === asked[0]?.set);
    const persona =
      this.#direction &&
      (await readPersona(
        model,
        this.#direction,
        said.map(({ messages, answer }) => [...messages, { role: "assistant" as const, content: answer }]),
        options.signal,
      ));
    const probes = this.#reads("margin") ? setting.world.probes?.() : undefined;
    const margin = probes && (await readMargin(model, probes, options.signal));
    const readings = {
      ...told,
      ...(said.length > 0 && { words: spread(said.map(({ answer }) => wordCount(answer))) }),
      ...(persona && { persona }),
      ...(margin && { margin }),
      ...(earlier !== undefined && { earlier: { value: earlier, n: answers.length } }),
      ...(step && rewardOf(step)),
      ...(step && { gradientNorm: { value: step.gradientNorm, n: 1 }, loss: { value: step.loss, n: step.tokens } }),
    };
    const row = { id, ...of, readings, seconds: (performance.now() - began) / 1000 };
    await this.#series.append(row, answers);
    this.#measured.set(id, { row, answers });
  }

  async #keepSummary(): Promise<ExperimentSummary> {
    const { experiment, choice, arms, folder, model, setting } = this;
    // Seeds of an earlier call count as well.
    const made = [...this.#measured.values()].flatMap(({ row }) => (row.trial === true ? [] : [row.seed]));
    const seeds = [...new Set([...choice.seeds, ...made])].toSorted((a, b) => a - b);
    const summary = summarize(experiment, arms, { ...choice, seeds }, model.source.sha256, this.#measured, setting);
    await writeJson(join(folder, "summary.json"), summary);
    return summary;
  }
}
