/** The time left as it was last estimated, running down between estimates. */
export class Countdown {
  #seconds: number | undefined;
  #at = 0;

  set(seconds: number | undefined): void {
    if (seconds === undefined) return;
    this.#seconds = seconds;
    this.#at = performance.now();
  }

  /** Undefined until there is a first estimate. */
  get seconds(): number | undefined {
    if (this.#seconds === undefined) return undefined;
    return Math.max(0, this.#seconds - (performance.now() - this.#at) / 1000);
  }
}
