/** What `run.json` must hold. */
import { z } from "zod";

export const runSchema = z.looseObject({
  format: z.literal(1),
  kind: z.string(),
  files: z.array(z.string()),
  // A folder that was taken and never begun has neither.
  status: z.enum(["open", "finished"]).optional(),
  command: z.object({ words: z.array(z.string()), cwd: z.string() }).optional(),
});
