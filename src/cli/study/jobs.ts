/** Studies whose cells are made by jobs of a scheduler: `--on slurm`. */
import { judgesOf, runElsewhere, type MadeElsewhere, type PlannedStudy } from "../../study/index.js";
import { elsewhere } from "../jobs/elsewhere.js";
import type { OnFlags } from "../jobs/on-flags.js";
import { commandOf } from "../run/this-command.js";

/** Returns what is finished; undefined where the jobs go on alone. */
export async function makeElsewhere(
  { study, plans, jobs }: Pick<PlannedStudy, "study" | "plans" | "jobs">,
  out: string,
  flags: OnFlags & { readonly threads?: number },
): Promise<readonly MadeElsewhere[] | undefined> {
  const servers = plans.flatMap((plan) => [plan.model, ...judgesOf(plan)]);
  return elsewhere({ home: out, name: study, things: "cells", settings: jobs, flags, servers }, (follow) =>
    runElsewhere(plans, out, commandOf(), follow),
  );
}
