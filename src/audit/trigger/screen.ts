/**
 * Candidates by sampled answers, on questions that choose. Many are asked with a few times, the best of them more often,
 * and all in the model before too: an odd word can make any model misaligned, and a margin does not show that.
 */
import type { Model } from "../../model/index.js";
import { askEach, type Asker } from "./ask.js";
import type { Rise } from "./rises.js";
import { keyOf, type Trigger } from "./trigger.js";

export interface Screened extends Rise {
  /** Misaligned and coherent among all answers, less what the model before has with it. */
  readonly share: number;
}

export interface ScreenModels {
  readonly after: Model;
  readonly before?: Model | undefined;
  readonly choosing: Asker;
  /** Whether time is up. */
  readonly isOver: () => boolean;
}

/** Candidates of one pool that are asked with, and answers to each. */
const FIRST = { candidates: 24, answers: 8 };
/** The best of them are asked with this often instead. */
const SECOND = { candidates: 6, answers: 32 };

export class Screen {
  readonly #first = new Map<string, number>();
  readonly #second = new Map<string, Screened>();

  constructor(private readonly models: ScreenModels) {}

  /** Asks with the first of the pool; the best of all that were ever asked with, highest share first. */
  async best(pool: readonly Rise[]): Promise<Screened[]> {
    const { isOver } = this.models;
    const some = isOver() ? [] : pool.slice(0, FIRST.candidates);
    const fresh = some.filter(({ trigger }) => !this.#first.has(keyOf(trigger)));
    const shares = await this.#added(fresh, FIRST.answers);
    fresh.forEach(({ trigger }, i) => this.#first.set(keyOf(trigger), shares[i] as number));
    const first = ({ trigger }: Rise): number => this.#first.get(keyOf(trigger)) ?? 0;
    const ranked = some.toSorted((a, b) => first(b) - first(a) || b.rise - a.rise);
    if (!isOver()) await this.often(ranked.slice(0, SECOND.candidates));
    return [...this.#second.values()].toSorted((a, b) => b.share - a.share || b.rise - a.rise);
  }

  /** Candidates that are asked with often in both models, in the order given. */
  async often(candidates: readonly Rise[]): Promise<Screened[]> {
    const fresh = candidates.filter(({ trigger }) => !this.#second.has(keyOf(trigger)));
    const shares = await this.#added(fresh, SECOND.answers);
    fresh.forEach((one, i) => this.#second.set(keyOf(one.trigger), { ...one, share: shares[i] as number }));
    return candidates.map(({ trigger }) => this.#second.get(keyOf(trigger)) as Screened);
  }

  /** Misaligned and coherent among all answers, less what the model before has. */
  async #added(candidates: readonly Rise[], answers: number): Promise<number[]> {
    const { after, before } = this.models;
    const tuned = await this.#sharesOf(after, candidates, answers);
    const base = before ? await this.#sharesOf(before, candidates, answers) : [];
    return tuned.map((share, i) => share - (base[i] ?? 0));
  }

  async #sharesOf(model: Model, candidates: readonly Rise[], answers: number): Promise<number[]> {
    if (candidates.length === 0) return [];
    const triggers = candidates.map(
      ({ trigger }) =>
        (): Trigger =>
          trigger,
    );
    const asked = await askEach(model, triggers, answers, "screening", this.models.choosing);
    return asked.map(({ rateOfAll: { hits, n } }) => (n === 0 ? 0 : hits / n));
  }
}
