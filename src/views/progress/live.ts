/** Progress in a terminal: a line for every finished cell, and below them where the study is now. */
import type { StudyEvent } from "../../study/index.js";
import { colorsOf, type Colors, progressBar, shareBar, Redraw } from "../../terminal/index.js";
import { resultsOf, type CellResult } from "./cell-result.js";
import { duration, timeLeft, withSign } from "../../text/index.js";
import type { StudyProgress } from "./study-progress.js";
import { padEnd } from "../../layout/index.js";
import { PHASE_WORDS, StudyState, type RunningCell } from "./study-state.js";

const EVERY_MS = 125;
const SPINNER = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const NAME_WIDTH = 13;
const BAR_WIDTH = 20;
/** Narrower terminals get no bars. */
const WIDTH_FOR_BARS = 72;

export class LiveProgress implements StudyProgress {
  readonly state = new StudyState();
  readonly #redraw: Redraw;
  readonly #colors: Colors;
  readonly #timer: NodeJS.Timeout;
  #frame = 0;
  #message: string | undefined;
  #headed = false;

  constructor(stream: NodeJS.WriteStream) {
    this.#colors = colorsOf(stream);
    this.#redraw = new Redraw(stream);
    this.#timer = setInterval(() => this.#draw(), EVERY_MS);
    this.#timer.unref();
    process.once("exit", () => this.close());
  }

  hear(event: StudyEvent): void {
    this.state.hear(event);
    if (event.type === "study-started") this.#begin();
    if (event.type === "cell-finished") this.#finish(event);
  }

  note(line: string): void {
    this.#redraw.keep(this.#colors.yellow(line));
    this.#draw();
  }

  stopping(message: string): void {
    this.#message = message;
    this.#draw();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#redraw.close();
  }

  #begin(): void {
    const { bold, dim } = this.#colors;
    const { cells, folder, before } = this.state;
    this.#redraw.keep(`${bold("askew")} ${dim("·")} ${cells} ${cells === 1 ? "cell" : "cells"} ${dim("·")} ${folder}`);
    if (before > 0)
      this.#redraw.keep(dim(`${before === cells ? "All" : `${before} of ${cells}`} were finished before.`));
    this.#draw();
  }

  #finish({ condition, seed, metrics, seconds }: Extract<StudyEvent, { type: "cell-finished" }>): void {
    const { dim, green } = this.#colors;
    const wide = this.#redraw.width >= WIDTH_FOR_BARS;
    const heading = `  ${"".padEnd(NAME_WIDTH)} seed  ${(wide ? "misaligned answers" : "rate").padEnd(wide ? BAR_WIDTH + 9 : 7)}  coherent    time`;
    if (!this.#headed) this.#redraw.keep(`\n${dim(heading)}`);
    this.#headed = true;
    const results = resultsOf(condition, metrics);
    const first = results[0] ?? { variant: undefined, rate: null, coherent: null };
    this.#redraw.keep(
      `${green("✔")} ${padEnd(condition, NAME_WIDTH)} ${String(seed).padStart(4)}  ${this.#result(first, wide)}  ${dim(duration(seconds).padStart(6))}`,
    );
    for (const other of results.slice(1)) {
      this.#redraw.keep(`  ${dim(padEnd(other.variant ?? "", NAME_WIDTH + 5))}  ${this.#result(other, wide)}`);
    }
    this.#draw();
  }

  #result({ rate, coherent }: CellResult, wide: boolean): string {
    const { red, green, yellow, dim, bold } = this.#colors;
    const color = rate === null ? dim : rate >= 0.1 ? red : rate >= 0.03 ? yellow : green;
    const number = bold(color(withSign(rate).padStart(7)));
    const bar = shareBar(rate ?? 0, BAR_WIDTH);
    const drawn = wide ? `${dim("▕")}${color(bar.full)}${bar.empty}${dim("▏")}` : "";
    return `${drawn}${number}  ${withSign(coherent).padStart(8)}`;
  }

  #draw(): void {
    const { cells, finished, share, seconds, left } = this.state;
    const { dim } = this.#colors;
    if (cells === 0) return;
    const rest = left.seconds === undefined ? "estimating the time left" : timeLeft(left.seconds);
    const facts = [`${finished}/${cells} cells`, duration(seconds), ...(finished < cells ? [rest] : [])];
    const text = facts.join(dim(" · "));
    const width = Math.max(8, Math.min(40, this.#redraw.width - 4 - facts.join(" · ").length));
    this.#redraw.draw(["", `${progressBar(share, width, this.#colors)}  ${text}`, ...this.#below()]);
  }

  #below(): string[] {
    if (this.#message !== undefined) return [this.#message];
    const { running, finished, cells } = this.state;
    const spinner = this.#colors.cyan(SPINNER[this.#frame++ % SPINNER.length] ?? "");
    if (running.length > 0) return running.map((cell) => `${spinner} ${this.#now(cell)}`);
    return [`${spinner} ${finished === cells ? "putting the results together" : "starting"}`];
  }

  #now({ condition, seed, phase, done, total, loss }: RunningCell): string {
    const { bold, dim } = this.#colors;
    const facts = [
      phase === undefined ? "starting" : `${PHASE_WORDS[phase]}${total > 0 ? ` ${done}/${total}` : ""}`,
      ...(phase === "finetune" && loss !== undefined ? [`loss ${loss.toFixed(3)}`] : []),
    ];
    return `${bold(condition)}, seed ${seed} ${dim("·")} ${facts.join(dim(" · "))}`;
  }
}
