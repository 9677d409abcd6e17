/** The first thing that a worker says: its protocol, and what it lacks. */
import { z } from "zod";
import { TorchError } from "./error.js";
import { PROTOCOL } from "./frames.js";
import { SET_UP, shownText } from "./said.js";

const helloSchema = z.looseObject({
  protocol: z.int(),
  executable: z.string().max(4096).optional(),
  problem: z.string().max(4096).optional(),
});

/** Why the worker will not do; undefined where it will. */
export function greetingFault(said: unknown, title: string): TorchError | undefined {
  const found = helloSchema.safeParse(said);
  if (!found.success) {
    return new TorchError("protocol", `${title}: expected a worker's greeting, found another frame`);
  }
  const { protocol, problem, executable = title } = found.data;
  if (protocol !== PROTOCOL) {
    return new TorchError("protocol", `${title}: expected a worker of protocol ${PROTOCOL}, found one of ${protocol}`, {
      hint: "Use the same version of askew on both sides.",
    });
  }
  if (problem === undefined) return undefined;
  const why = `${shownText(executable)} cannot run torch: models: ${shownText(problem)}`;
  return new TorchError("python", why, { hint: SET_UP });
}
