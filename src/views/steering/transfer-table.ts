/** The cuts from taking one vector out of several models, for the terminal. */
import { join } from "node:path";
import type { Transferred } from "../../lab/index.js";
import type { TransferRow } from "../../persona/index.js";
import { colorsOf } from "../../terminal/index.js";
import { interval, withSign } from "../../text/index.js";
import { shareTable } from "./shares.js";

export function printTransfer({ folder, rows, cuts }: Transferred): void {
  const { bold, dim } = colorsOf(process.stdout);
  const table = shareTable(
    "model",
    rows.map(({ id, set, before, after, breaksCoherence }) => {
      // The set that shows what it was trained to do comes last, and so does the metric that counts it.
      const shown = Object.keys(after).find((name) => name !== set) ?? "";
      const trained = (of: TransferRow["after"]) => Object.values(of[shown] ?? {}).at(-1);
      return {
        label: id,
        broken: breaksCoherence,
        shares: [
          ["after", after[set]?.rate],
          ["before", before[set]?.rate],
          ["coherent", after[set]?.coherent],
          ...(shown === ""
            ? []
            : ([
                ["trained,\nafter", trained(after)],
                ["trained,\nbefore", trained(before)],
              ] as const)),
        ] as const,
      };
    }),
  );
  const lines = cuts.map((cut) => `${cut.condition}: ${withSign(cut.estimate)} ${interval(cut)}`);
  process.stdout.write(
    `${table}\n${bold("Share of the rate that is cut")}\n${lines.join("\n")}\n\n${dim("rows")}  ${join(folder, "rows.jsonl")}\n`,
  );
}
