/** Results that were drawn: drawing takes longer than reading, and a run that is over does not change. */
import type { ResultView } from "./contract.js";

const MOST = 32;

export class KeptViews {
  readonly #views = new Map<string, { readonly changed: number; readonly view: Promise<ResultView> }>();

  /** @param changed when the run last changed */
  async get(name: string, changed: number, draw: () => Promise<ResultView>): Promise<ResultView> {
    const kept = this.#views.get(name);
    if (kept?.changed === changed) return kept.view;
    const view = draw();
    this.#views.delete(name);
    this.#views.set(name, { changed, view });
    const [oldest] = this.#views.keys();
    if (this.#views.size > MOST && oldest !== undefined) this.#views.delete(oldest);
    // What failed is tried again.
    view.catch(() => this.#views.delete(name));
    return view;
  }
}
