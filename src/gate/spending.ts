/** What a run has spent over all of its calls, so that its budget bounds the run and not each call. */
import { join } from "node:path";
import { z } from "zod";
import type { Account } from "../endpoint/index.js";
import { checked, readJsonIfPresent, writeJson } from "../store/index.js";

export const SPENT_FILE = "spent.json";

const amount = z.number().min(0);
const schema = z.object({
  requests: amount,
  cached: amount,
  promptTokens: amount,
  completionTokens: amount,
  cost: amount,
  uncertain: amount,
  unpriced: amount,
  uncounted: amount.default(0),
  seconds: amount,
});

export class RunSpending {
  readonly #started = performance.now();

  private constructor(
    private readonly file: string,
    private readonly account: Account,
    private readonly before: number,
  ) {}

  /** @param account begins with what earlier calls wrote down */
  static async open(folder: string, account: Account): Promise<RunSpending> {
    const file = join(folder, SPENT_FILE);
    const value = await readJsonIfPresent(file);
    if (value === undefined) return new RunSpending(file, account, 0);
    const { seconds, ...earlier } = checked(value, schema, { file, cure: "Give the run another folder with --out." });
    account.carryOn(earlier);
    return new RunSpending(file, account, seconds);
  }

  /** Of the run as a whole. */
  get seconds(): number {
    return this.before + (performance.now() - this.#started) / 1000;
  }

  async write(): Promise<void> {
    await writeJson(this.file, { ...this.account.spending, seconds: this.seconds });
  }
}
