/** `metrics.json`: the measures of a verdict by check and name. Trackers plot it, and a later gate compares itself with it. */
import { z } from "zod";
import type { Estimate } from "../statistics/index.js";
import { checked, readJsonIfPresent } from "../store/index.js";
import { VERSION } from "../text/index.js";
import type { GateVerdict } from "./verdict.js";

const estimate = z.object({
  estimate: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  n: z.number().min(0),
});
const schema = z.object({
  askew: z.string(),
  gate: z.string(),
  outcome: z.enum(["pass", "fail", "incomplete"]),
  measures: z.record(z.string(), z.record(z.string(), estimate)),
});

export type GateMetrics = z.infer<typeof schema>;

export function metricsOf({ name, outcome, checks }: Pick<GateVerdict, "name" | "outcome" | "checks">): GateMetrics {
  return {
    askew: VERSION,
    gate: name,
    outcome,
    measures: Object.fromEntries(
      checks.map(({ check, measures }) => [
        check,
        Object.fromEntries(measures.map(({ name: what, ...rest }) => [what, numbersOf(rest)])),
      ]),
    ),
  };
}

const numbersOf = ({ estimate: value, low, high, n }: Estimate): Estimate => ({ estimate: value, low, high, n });

/** Undefined where there is no such file. @throws {StoreError} where it is something else */
export async function readMetrics(file: string): Promise<GateMetrics | undefined> {
  const value = await readJsonIfPresent(file);
  if (value === undefined) return undefined;
  return checked(value, schema, { file, cure: "Name metrics.json of an earlier gate." });
}
