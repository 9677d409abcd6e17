/** The judges that `--judge` names. */
import { isRemote, type Model } from "../../model/index.js";
import {
  OWN_RUBRIC,
  readRubric,
  RubricJudge,
  type AnyJudge,
  type Rubric,
  type RubricJudgeOptions,
} from "../../evaluation/index.js";
import { ExactJudge } from "../../organism/index.js";
import { ProbeJudge, readProbeFile, requireReader } from "../../persona/index.js";
import { findModel, studiesOf } from "../models/find-model.js";
import { UsageError } from "../../text/index.js";
import type { JudgingOptions } from "./judging-flags.js";
import { openAnyModel, type AnyModelOptions } from "../models/open-any-model.js";

export interface OpenedJudges {
  readonly judges: readonly AnyJudge[];
  readonly isRemote: boolean;
  close(): Promise<void>;
}

export async function openJudges(
  options: JudgingOptions,
  means: Pick<AnyModelOptions, "account" | "cache" | "onNotice"> & {
    readonly signal: AbortSignal;
    /** The prompts of models that judge, in place of a file of prompts and of askew's own. */
    readonly rubric?: Rubric;
  },
): Promise<OpenedJudges> {
  const { prompts, scoring, replies, maxTokens } = options;
  const names = [...new Set((options.judge ?? "").split(",").map((name) => name.trim()))].filter((name) => name !== "");
  if (names.length === 0)
    throw new UsageError("no judge is named", "Name exact or models with --judge, with commas between them.");
  if (scoring === "expected" && (replies !== undefined || maxTokens !== undefined)) {
    throw new UsageError(
      "--replies and --max-tokens are for --scoring samples",
      "Leave them out, or choose --scoring samples.",
    );
  }
  const rubric = means.rubric ?? (prompts === undefined ? OWN_RUBRIC : await readRubric(prompts));
  const models: Model[] = [];
  const judges: AnyJudge[] = [];
  const close = async (): Promise<void> => {
    for (const model of models) await model.close();
  };
  try {
    for (const name of names) {
      if (name === "exact") {
        judges.push(new ExactJudge());
        continue;
      }
      if (namesProbe(name)) {
        const { judge, model } = await openProbe(name, options);
        models.push(model);
        judges.push(judge);
        continue;
      }
      const { signal, onNotice } = means;
      const { judge, model } = await openModelJudge(
        name,
        { rubric, scoring, samples: replies, maxTokens, signal, onNotice },
        { ...options, ...means, cache: means.cache },
      );
      models.push(model);
      judges.push(judge);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { judges, isRemote: models.some(isRemote), close };
}

/** A probe's file comes after it. */
const PROBE = "probe:";
interface ProbeOptions {
  readonly reader?: string | undefined;
  readonly study?: string | undefined;
  readonly threads?: number | undefined;
}

export const namesProbe = (judge: string): boolean => judge.startsWith(PROBE);

/** A probe with the model that reads for it, which its file names. */
export async function openProbe(
  name: string,
  { reader, study, threads }: ProbeOptions,
): Promise<{ readonly judge: ProbeJudge; readonly model: Model }> {
  const path = name.slice(PROBE.length);
  const probe = await readProbeFile(path);
  const found = findModel(reader ?? probe.recipe.reader.name, studiesOf(study));
  const model = await found.open(threads === undefined ? {} : { threads });
  try {
    requireReader(path, probe, await found.identity(model), model.reading.shape.layers, model.reading.shape.width);
    return { judge: new ProbeJudge(name, probe, model), model };
  } catch (error) {
    await model.close();
    throw error;
  }
}

export interface OpenedModelJudge {
  readonly judge: RubricJudge;
  readonly model: Model;
  close(): Promise<void>;
}

/** One model as a judge, by any name that users may type. */
export async function openModelJudge(
  name: string,
  settings: Omit<RubricJudgeOptions, "name">,
  means: AnyModelOptions,
): Promise<OpenedModelJudge> {
  const model = await openAnyModel(name, means);
  try {
    return { judge: await RubricJudge.of(model, { ...settings, name }), model, close: () => model.close() };
  } catch (error) {
    await model.close();
    throw error;
  }
}
