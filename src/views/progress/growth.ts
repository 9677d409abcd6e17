/** Progress of a growing organism: where it is, how its loss falls, how long it will take. */
import { PHASES, type GrowthStep, type PhaseName, type Recipe } from "../../organism/index.js";
import { progressBar, ProgressStream } from "../../terminal/index.js";
import { duration, timeLeft } from "../../text/index.js";

const PHASE_WORDS: Readonly<Record<PhaseName, string>> = { pretraining: "pre-training", alignment: "alignment" };
/** Lines that stay, by phase. */
const LINES_A_PHASE = 12;
const DRAW_EVERY_MS = 200;
/** Steps that the speed is taken from. */
const RECENT = 40;

export class GrowthProgress extends ProgressStream {
  readonly #total: number;
  /** When the last steps ended. */
  readonly #recent: number[] = [];
  readonly #started = performance.now();
  #drawn = 0;
  #first = true;

  constructor(
    stream: NodeJS.WriteStream,
    private readonly recipe: Recipe,
  ) {
    super(stream);
    this.#total = PHASES.reduce((sum, phase) => sum + recipe[phase].steps, 0);
  }

  hear(step: GrowthStep): void {
    const now = performance.now();
    this.#recent.push(now);
    if (this.#recent.length > RECENT) this.#recent.shift();
    const every = Math.ceil(step.steps / LINES_A_PHASE);
    if (this.#first && step.step > 1) this.keep(`Carrying on at ${PHASE_WORDS[step.phase]} step ${step.step}.`);
    this.#first = false;
    if (step.step === 1 || step.step % every === 0 || step.step === step.steps) this.keep(this.#line(step));
    if (now - this.#drawn < DRAW_EVERY_MS) return;
    this.#drawn = now;
    this.#draw(step);
  }

  #line({ phase, step, steps, loss }: GrowthStep): string {
    const { dim } = this.colors;
    const left = this.redraw ? "" : this.#left(phase, step);
    const place = `${step}/${steps}`.padStart(String(steps).length * 2 + 1);
    return `${PHASE_WORDS[phase].padEnd(12)}  ${place}  ${dim("loss")} ${loss.toFixed(3)}${left}`;
  }

  #draw({ phase, step, steps, loss }: GrowthStep): void {
    if (!this.redraw) return;
    const { dim, bold } = this.colors;
    const seconds = this.#secondsAStep();
    const facts = [
      `${step}/${steps} steps`,
      `loss ${loss.toFixed(3)}`,
      ...(seconds === undefined ? [] : [`${seconds.toFixed(2)} s a step`]),
      duration((performance.now() - this.#started) / 1000),
    ];
    const bar = progressBar(this.#done(phase, step) / this.#total, Math.min(40, this.redraw.width - 30), this.colors);
    const status = `${bold(PHASE_WORDS[phase])} ${dim("·")} ${facts.join(dim(" · "))}`;
    this.redraw.draw(["", `${bar}  ${this.#left(phase, step).replace("; ", "")}`, this.message ?? status]);
  }

  #done(phase: PhaseName, step: number): number {
    return step + (phase === "alignment" ? this.recipe.pretraining.steps : 0);
  }

  #left(phase: PhaseName, step: number): string {
    const seconds = this.#secondsAStep();
    const rest = this.#total - this.#done(phase, step);
    return seconds === undefined || rest === 0 ? "" : `; ${timeLeft(rest * seconds)}`;
  }

  #secondsAStep(): number | undefined {
    const [first, last] = [this.#recent[0], this.#recent.at(-1)];
    if (first === undefined || last === undefined || this.#recent.length < 5) return undefined;
    return (last - first) / 1000 / (this.#recent.length - 1);
  }
}
