/** A watched fine-tune in the terminal: each look a line that stays, the step below it. */
import type { TrainingStep } from "../../training/index.js";
import type { WatchRow } from "../../persona/index.js";
import { colorsOf, isLive, type Colors, progressBar, Redraw } from "../../terminal/index.js";
import { timeLeft } from "../../text/index.js";
import type { Listen, WatchListener } from "../../lab/index.js";

const BAR = 20;

export const listen: Listen = (steps, alarms) => new WatchProgress(process.stderr, steps, alarms);

class WatchProgress implements WatchListener {
  readonly #redraw: Redraw | undefined;
  readonly #colors: Colors;
  readonly #began = performance.now();
  #first: number | undefined;

  /** @param alarms whether one can be given */
  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly steps: number,
    private readonly alarms: boolean,
  ) {
    this.#colors = colorsOf(stream);
    this.#redraw = isLive(stream) ? new Redraw(stream) : undefined;
    process.once("exit", this.close);
  }

  step({ step, loss }: TrainingStep): void {
    this.#first ??= step - 1;
    if (this.#redraw === undefined) return;
    const spent = (performance.now() - this.#began) / 1000;
    const left = timeLeft((spent / (step - this.#first)) * (this.steps - step));
    const bar = progressBar(step / this.steps, BAR, this.#colors);
    this.#redraw.draw([`${bar}  step ${step}/${this.steps} · loss ${loss.toFixed(3)} · ${left}`]);
  }

  row({ step, signals, score, alarm, truth }: WatchRow): void {
    const { red, dim } = this.#colors;
    const facts = [
      `step ${String(step).padStart(String(this.steps).length)}`,
      ...(score === undefined || !this.alarms
        ? [`margin ${(signals["margin"] ?? 0).toFixed(2)}`]
        : [`score ${score.toFixed(2)}`]),
      ...(truth === undefined ? [] : [`misaligned ${truth.hits} of ${truth.n}`]),
    ];
    this.keep(alarm === true ? red(facts.join(" · ")) : dim(facts.join(" · ")));
  }

  alarm({ step, score }: WatchRow): void {
    const { red, bold } = this.#colors;
    this.keep(red(bold(`ALARM at step ${step}: the score is ${score?.toFixed(2)}, and from 1 on it is one`)));
  }

  keep(line: string): void {
    if (this.#redraw) this.#redraw.keep(line);
    else this.stream.write(`${line}\n`);
  }

  close = (): void => {
    this.#redraw?.close();
    process.off("exit", this.close);
  };
}
