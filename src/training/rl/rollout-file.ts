/** `rollouts.jsonl`: every answer that was sampled, with its reward. Rows of a step are there before it is learned from. */
import { join } from "node:path";
import { z } from "zod";
import { RowFile } from "../../store/index.js";
import type { RolloutLog, RolloutRow } from "./rollouts.js";

const rowSchema = z.looseObject({
  id: z.string(),
  step: z.int().min(1),
  answer: z.string(),
  reward: z.number().nullable(),
});

export async function openRollouts(folder: string): Promise<RolloutLog & { close(): Promise<void> }> {
  const file = await RowFile.open<RolloutRow>(join(folder, "rollouts.jsonl"), { schema: rowSchema });
  return {
    async keep(done) {
      const later = file.rows.findIndex(({ step }) => step > done);
      if (later < 0) return [];
      await file.keep(later);
      return file.rows.slice(later);
    },
    append: (rows) => file.append(rows),
    close: () => file.close(),
  };
}
