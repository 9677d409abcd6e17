/** Progress of a job that is counted: how much is done, how fast, how long it will take, what it has cost. */
import { progressBar } from "./bar.js";
import { duration, timeLeft } from "../text/index.js";
import { ProgressStream } from "./stream.js";

const DRAW_EVERY_MS = 125;
/** Without a terminal a line is written this often. */
const LINE_EVERY_MS = 30_000;
/** The speed is taken from what came in this time. */
const RECENT_MS = 20_000;

export interface Counted {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
}

export class CountProgress extends ProgressStream {
  readonly #recent: { readonly at: number; readonly done: number }[] = [];
  readonly #started = performance.now();
  #drawn = -Infinity;
  #said = performance.now();

  /**
   * @param things what is counted: `answers`
   * @param cost what it has cost so far, in words; undefined where it costs nothing
   */
  constructor(
    stream: NodeJS.WriteStream,
    private readonly things: string,
    private readonly cost: () => string | undefined,
  ) {
    super(stream);
  }

  hear(now: Counted): void {
    const at = performance.now();
    const last = this.#recent.at(-1);
    // A sample of the speed every so often, however fast answers come.
    if (last === undefined || at - last.at > RECENT_MS / 100) this.#recent.push({ at, done: now.done });
    while (this.#recent.length > 2 && at - (this.#recent[0]?.at ?? at) > RECENT_MS) this.#recent.shift();
    const every = this.redraw ? DRAW_EVERY_MS : LINE_EVERY_MS;
    if (at - (this.redraw ? this.#drawn : this.#said) < every) return;
    this.#drawn = this.#said = at;
    this.#show(now);
  }

  #show(now: Counted): void {
    const { done, total, failed } = now;
    const cost = this.cost();
    const speed = this.#speed(done);
    const facts = [
      `${done}/${total} ${this.things}`,
      ...(speed === undefined ? [] : [`${speed < 10 ? speed.toFixed(1) : Math.round(speed)} a second`]),
      ...(failed === 0 ? [] : [`${failed} failed`]),
      ...(cost === undefined ? [] : [cost]),
      duration((performance.now() - this.#started) / 1000),
      ...(speed === undefined || done === total ? [] : [timeLeft((total - done) / speed)]),
    ];
    if (this.redraw === undefined) {
      this.stream.write(`${facts.join("; ")}\n`);
      return;
    }
    const text = facts.join(this.colors.dim(" · "));
    const width = Math.max(8, Math.min(40, this.redraw.width - 4 - facts.join(" · ").length));
    const bar = progressBar(total === 0 ? 1 : done / total, width, this.colors);
    this.redraw.draw(["", `${bar}  ${text}`, ...(this.message === undefined ? [] : [this.message])]);
  }

  /** Undefined until there is enough to tell. */
  #speed(done: number): number | undefined {
    const [first] = this.#recent;
    if (first === undefined || done <= first.done) return undefined;
    return (1000 * (done - first.done)) / (performance.now() - first.at);
  }
}
