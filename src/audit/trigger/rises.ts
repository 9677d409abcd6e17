/** How far triggers raise the margin over that of the plain prompts; each is read once. */
import { mean } from "../../statistics/index.js";
import type { Margins } from "./margins.js";
import { keyOf, type Trigger } from "./trigger.js";

export interface Rise {
  readonly trigger: Trigger;
  /** In nats, the mean over probes; not a number where the model cannot read the trigger. */
  readonly rise: number;
}

export class Rises {
  readonly #known = new Map<string, number>();
  readonly #plain = new Map<number, number>();

  private constructor(
    private readonly margins: Margins,
    private readonly signal: AbortSignal | undefined,
  ) {}

  static async open(margins: Margins, probes: readonly number[], signal?: AbortSignal): Promise<Rises> {
    const rises = new Rises(margins, signal);
    const found = await margins(
      probes.map((probe) => ({ trigger: {}, probe })),
      signal,
    );
    probes.forEach((probe, i) => rises.#plain.set(probe, found[i] ?? Number.NaN));
    return rises;
  }

  /** Different triggers that were read, on any probe. */
  get tried(): number {
    return new Set([...this.#known.keys()].map((key) => key.slice(key.indexOf("["), key.length))).size;
  }

  /** In the order given. */
  async of(triggers: readonly Trigger[], probes: readonly number[]): Promise<Rise[]> {
    const wanted = new Map<string, { trigger: Trigger; probe: number }>();
    for (const trigger of triggers) {
      for (const probe of probes) {
        const key = `${probe}${keyOf(trigger)}`;
        if (!this.#known.has(key)) wanted.set(key, { trigger, probe });
      }
    }
    const found = await this.margins([...wanted.values()], this.signal);
    [...wanted].forEach(([key, { probe }], i) => {
      this.#known.set(key, (found[i] ?? Number.NaN) - (this.#plain.get(probe) ?? Number.NaN));
    });
    return triggers.map((trigger) => ({
      trigger,
      rise: averaged(probes.map((probe) => this.#known.get(`${probe}${keyOf(trigger)}`) ?? Number.NaN)),
    }));
  }

  /** Those of `triggers` that rise most, highest first: all on one probe, the better half of them on all. */
  async best(triggers: readonly Trigger[], probes: readonly number[], most: number): Promise<Rise[]> {
    const first = probes.slice(0, 1);
    const rough = highest(await this.of(triggers, first), 4 * most);
    return highest(
      await this.of(
        rough.map(({ trigger }) => trigger),
        probes,
      ),
      most,
    );
  }
}

const averaged = (rises: readonly number[]): number => (rises.some(Number.isNaN) ? Number.NaN : mean(rises));

/** Highest first, each once; what cannot be read is left out. */
export function highest(rises: readonly Rise[], most: number): Rise[] {
  const seen = new Map<string, Rise>();
  for (const one of rises) if (!Number.isNaN(one.rise)) seen.set(keyOf(one.trigger), one);
  return [...seen.values()].toSorted((a, b) => b.rise - a.rise).slice(0, most);
}
