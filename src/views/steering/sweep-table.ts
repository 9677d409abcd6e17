/** The results of a sweep over strengths, for the terminal. */
import { join } from "node:path";
import type { Swept } from "../../lab/index.js";
import { inWords } from "../../report/index.js";
import { colorsOf } from "../../terminal/index.js";
import { shareTable } from "./shares.js";

export function printSweep({ rows, folder, title, plan, trained }: Swept, page: string): void {
  const { bold, dim } = colorsOf(process.stdout);
  const open = plan.asked[0]?.set ?? "";
  const table = shareTable(
    "strength",
    rows.map(({ vector, randomSeed, strength, metrics, breaksCoherence }) => {
      const { rate, rateOfAll, coherent } = metrics[open] ?? {};
      const label =
        vector === "none" ? "unsteered" : vector === "direction" ? `${strength}` : `${strength} random ${randomSeed}`;
      return {
        label,
        broken: breaksCoherence,
        shares: [
          ["rate", rate],
          ["of all", rateOfAll],
          ["coherent", coherent],
          ...(trained ? [[inWords(trained.metric), metrics[trained.set]?.[trained.metric]] as const] : []),
        ] as const,
      };
    }),
  );
  const where = `layer ${plan.layers.join(", ")}, ${plan.tokens === "all" ? "all tokens" : "the answer's tokens"}`;
  process.stdout.write(`${bold(`${title}: ${plan.mode}, ${where}`)}\n\n${table}\n`);
  process.stdout.write(
    dim(`In percent, ${open} questions, with Wilson's 95 % interval over the answers of this model.\n`),
  );
  process.stdout.write(`${dim("rows")}  ${join(folder, "rows.jsonl")}\n${dim("page")}  ${page}\n`);
}
