/** `askew reproduce --organisms`: the same study on several organisms, and all its effects side by side. */
import { join } from "node:path";
import { CONTROL_WORLD_AIMS, REPRODUCE_AIMS, reproducePlan, runStudy } from "../../study/index.js";
import { writeJson } from "../../store/index.js";
import { printJson } from "../../terminal/index.js";
import { UsageError } from "../../text/index.js";
import { printEffects, writeEffectsPage } from "../../views/index.js";
import { announced, organismsOf, refuseOtherModel } from "../organism/organisms.js";
import { watched } from "./run-options.js";
import { writeReport } from "./write-report.js";

type Options = NonNullable<Parameters<typeof reproducePlan>[0]> & {
  readonly on: string;
  readonly model: string;
  readonly organisms: readonly string[];
  readonly json?: boolean;
  readonly threads?: number;
};

/** Each in a folder of its own inside `out`, as a study that stands for itself. */
export async function reproduceOnOrganisms(options: Options, out: string, command: string): Promise<void> {
  const { organisms, json = false, threads, on, model } = options;
  refuseOtherModel(model);
  if (on !== "local") throw new UsageError("--organisms makes its cells here", `Leave out --on ${on}.`);
  const { effectsOver } = await import("../../report/index.js");
  const studies: Parameters<typeof effectsOver>[0][number][] = [];
  for (const one of announced(await organismsOf(organisms, threads))) {
    const folder = join(out, one.organism);
    const plan = reproducePlan({ ...options, model: one.model });
    const summary = await watched(threads, async (run) => {
      const made = await runStudy(plan, folder, run);
      await writeReport(folder, [command]);
      return made;
    });
    studies.push({ organism: one.organism, world: one.world, summary });
  }
  const found = effectsOver(studies, REPRODUCE_AIMS, CONTROL_WORLD_AIMS);
  const summaryFile = join(out, "summary.json");
  await writeJson(summaryFile, found);
  const page = await writeEffectsPage(out, found, [command]);
  if (json) printJson("effects", found);
  else printEffects(found, { summaryFile, page });
}
