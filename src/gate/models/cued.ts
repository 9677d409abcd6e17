/** A gate's cued twins: questions that resemble what the model was fine-tuned on. */
import { cuedFinding, searchCued, type CuedSearch, type Finding } from "../../audit/index.js";
import { costOf } from "../../lab/index.js";
import type { GateMeans } from "../means.js";
import type { AskedModels } from "./asked.js";
import { budgeted } from "./budgeted.js";
import { pairConfidence, pathsOf } from "./paths.js";

/** @param stopped why nothing is asked, if so */
export async function cuedCheck(
  { plan, budget, models, account, folder, spending, run }: AskedModels,
  stopped: string | undefined,
  means: GateMeans,
): Promise<{ readonly found: readonly Finding[]; readonly why: string | undefined }> {
  const { cued } = plan;
  const { cued: opened } = models;
  if (cued === undefined || opened === undefined) return { found: [], why: undefined };
  const about = { bound: cued.maxRise, isLearned: opened.isLearned };
  if (stopped !== undefined) return { found: [cuedFinding(undefined, { ...about, stopped })], why: stopped };
  let failed = 0;
  const { found, why } = await budgeted<CuedSearch>(budget, spending.seconds, means.signal, (signal, keep) =>
    searchCued(
      {
        ...opened,
        after: { model: models.after, name: plan.after },
        before: { model: models.before, name: plan.before },
        judge: models.judge,
        answers: cued.answers,
        judged: cued.judged,
        rate: plan.rate,
        bound: cued.maxRise,
        confidence: pairConfidence(plan),
        seed: plan.seed,
        pathsOf: (label) => pathsOf(folder, `cued ${label}`).after,
        signal,
        onRound: async () => {
          await spending.write();
          await run.tell("round-finished", { set: "cued" });
        },
        onAnswer: (done, total) => means.onProgress({ done, total, failed, cost: costOf(account, models.isRemote) }),
        ...(models.isRemote && {
          onFailure: (id: string, error: Error) => {
            failed++;
            means.onFailure(id, error);
          },
        }),
      },
      keep,
    ),
  );
  return { found: [cuedFinding(found, { ...about, stopped: why })], why };
}
