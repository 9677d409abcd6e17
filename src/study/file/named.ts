/** What a study's file names, found before the file is known to be right: the names decide which files are read with it. */
import { PlacedYaml } from "../../evaluation/index.js";
import { shippedModels } from "../../model/index.js";
import { STUDY_CONDITIONS } from "../plan.js";
import { isWorldJudge, WORLD } from "../world.js";
import type { Named } from "./beside.js";
import { isFreeSetName, type OwnNames } from "./schema.js";

/** What a study names; nothing where it cannot be read, which is told with everything else. */
export function namedIn(text: string): Named {
  try {
    const { value } = PlacedYaml.parse(text, () => {
      throw new SyntaxError("told later");
    });
    const { prompts } = (value ?? {}) as { prompts?: unknown };
    return {
      sets: setsIn(value),
      data: conditionsIn(value).flatMap(({ data }) => (typeof data === "string" && data !== "" ? [data] : [])),
      models: modelsIn(value).flatMap((one) => (typeof one === "string" ? [one] : [])),
      worldFirst: worldFirst(value),
      ...(typeof prompts === "string" && prompts !== "" && { prompts }),
    };
  } catch (error) {
    if (error instanceof SyntaxError) return { sets: [], data: [], models: [], worldFirst: true };
    throw error;
  }
}

const keysOf = (value: unknown): string[] => (typeof value === "object" && value !== null ? Object.keys(value) : []);

/** Question sets by names that mean something: what is neither is told by the schema. */
const setsIn = (value: unknown): string[] =>
  keysOf((value as { questions?: unknown } | null)?.questions).filter(
    (name) => isFreeSetName(name) || WORLD.questionSets.includes(name),
  );

/** The maps among the conditions. */
function conditionsIn(value: unknown): { readonly name?: unknown; readonly data?: unknown }[] {
  const { conditions } = (value ?? {}) as { conditions?: unknown };
  if (!Array.isArray(conditions)) return [];
  return (conditions as unknown[]).filter((one): one is object => typeof one === "object" && one !== null);
}

/** The names of its models, whatever they are. */
function modelsIn(value: unknown): unknown[] {
  const { models } = (value ?? {}) as { models?: unknown };
  const all = Array.isArray(models) ? (models as unknown[]) : [];
  return all.map((one) => (one as { name?: unknown } | null)?.name ?? one);
}

/**
 * A bare name such as `main` is looked for where the model's own questions are, as `askew ask` does: in the organism's
 * world for its models and for its judge, else among askew's own sets for real models.
 */
function worldFirst(value: unknown): boolean {
  const { judge } = (value ?? {}) as { judge?: unknown };
  const judges = judge === undefined ? [] : [judge].flat();
  if (judges.length === 0 || judges.some((name) => typeof name === "string" && isWorldJudge(name))) return true;
  return modelsIn(value).every((name) => shippedModels().includes(String(name)));
}

/** The names that its schema must know beyond those that are always there. */
export function ownNames(value: unknown): OwnNames {
  const defined = conditionsIn(value).flatMap(({ name }) => (typeof name === "string" ? [name] : []));
  const { models } = (value ?? {}) as { models?: unknown };
  const served = (Array.isArray(models) ? (models as unknown[]) : []).flatMap((one) => {
    const condition = (one as { condition?: unknown } | null)?.condition;
    return typeof condition === "string" ? [condition] : [];
  });
  const conditions = [...new Set([...defined, ...served])].filter((name) => !STUDY_CONDITIONS.includes(name));
  return { sets: setsIn(value).filter((name) => !WORLD.questionSets.includes(name)), conditions };
}
