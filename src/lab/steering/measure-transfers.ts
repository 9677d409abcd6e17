/** One vector taken out of several models, in a folder that can be carried on. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cutOf, measureTransfer, type TransferPlan, type TransferRow } from "../../persona/index.js";
import { Series, type RunCommand } from "../../run/index.js";
import { makeOutputFolder, planKey } from "../../store/index.js";
import { finishedCells, STUDY_FOLDER } from "../../study/index.js";
import { suggestion, UsageError } from "../../text/index.js";
import { withAsking } from "../asking/asking.js";
import type { AskingFlags } from "../asking/asking-flags.js";
import { findModel, studiesOf, type FoundModel } from "../models/find-model.js";
import { modeOf, openVectors, type SteeringFlags } from "./given-vectors.js";

export interface TransferChoice extends SteeringFlags, AskingFlags {
  readonly study?: string;
  readonly conditions?: readonly string[];
  readonly strength: number;
  readonly tokens: "all" | "answer";
  readonly samples: number;
  readonly seed: number;
  readonly out?: string;
  readonly threads?: number;
}

export interface TransferFollow {
  readonly signal: AbortSignal;
  /** Receives, one line each, what the user should know while the work continues. */
  readonly say: (line: string) => void;
  /** Carries it on from its folder alone. */
  readonly command?: RunCommand | undefined;
}

export interface Transferred {
  readonly folder: string;
  readonly rows: readonly TransferRow[];
  /** The share of the rate that is gone, of each condition. */
  readonly cuts: readonly ({ readonly condition: string } & ReturnType<typeof cutOf>)[];
}

/** A model that is measured; `condition` says where its misalignment is looked for. */
interface Wanted {
  readonly id: string;
  readonly condition: string;
  readonly found: FoundModel;
}

/** @param models none: the finished cells of a study */
export async function measureTransfers(
  models: readonly string[],
  options: TransferChoice,
  { signal, say, command }: TransferFollow,
): Promise<Transferred> {
  const { threads, samples } = options;
  const mode = modeOf(options);
  const wanted = models.length === 0 ? await cellsOf(options) : namedModels(models, options);
  const open = { key: "open", name: options.questions, purpose: "development" } as const;
  let series: Series<TransferRow> | undefined;
  let folder = options.out ?? "";
  try {
    for (const { id, condition, found } of wanted) {
      if (series?.find(id) !== undefined) continue;
      signal.throwIfAborted();
      const model = await found.open(threads === undefined ? {} : { threads });
      try {
        const identity = await found.identity(model);
        const given = await openVectors(options, { model, identity });
        const { layers } = given;
        await withAsking({ model, signal, say }, options, [open], async (asking) => {
          const { strength, tokens, seed } = options;
          const { maxTokens, judge } = asking;
          const plan: TransferPlan = { mode, layers, strength, tokens, seed, temperature: 1, maxTokens };
          if (series === undefined) {
            const of = models.length === 0 ? { study: studyOf(options) } : { models };
            const questions = options.questions ?? asking.asked("open", 1).set;
            const fixed = { ...of, base: identity.base, ...given.plan, ...plan, questions, samples, ...asking.plan };
            folder = options.out ?? join("runs/transfer", `${mode}-${planKey(fixed)}`);
            makeOutputFolder(folder);
            series = await Series.open<TransferRow>(folder, fixed, command === undefined ? {} : { command });
          }
          if (series.find(id) !== undefined) return;
          const asked = [asking.asked("open", samples, condition), ...asking.trainedSet(condition, samples)];
          const how = { judge, signal };
          const made = await measureTransfer(model, given.vectors, { id, condition }, asked, plan, how);
          await series.append(made.row, made.answers);
          say(`${id}: cut ${cutOf([made.row]).estimate?.toFixed(3) ?? "–"}`);
        });
      } finally {
        await model.close();
      }
    }
    await series?.finish();
  } finally {
    await series?.close();
  }
  const rows = series?.rows ?? [];
  const names = [...new Set(rows.map(({ condition }) => condition))];
  const cuts = names.map((condition) => ({ condition, ...cutOf(rows.filter((row) => row.condition === condition)) }));
  return { folder, rows, cuts };
}

const studyOf = ({ study = STUDY_FOLDER }: TransferChoice): string => study;

async function cellsOf(options: TransferChoice): Promise<Wanted[]> {
  const { conditions } = options;
  const study = studyOf(options);
  if (!existsSync(study)) throw new UsageError(`${study}: there is no such study`, "Make one with: askew reproduce");
  const cells = (await finishedCells(study)).filter(({ cell: { condition } }) => condition !== "base");
  const names: readonly string[] = [...new Set(cells.map(({ cell }) => cell.condition))];
  const unknown = conditions?.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`${study} has no finished cell of ${unknown}`, suggestion(unknown, names));
  }
  const wanted = cells.filter(({ cell }) => conditions?.includes(cell.condition) ?? true);
  if (wanted.length === 0) throw new UsageError(`${study} has no finished cell`);
  return wanted.map(({ folder, cell: { condition, seed } }) => ({
    id: `${condition}-${seed}`,
    condition,
    found: findModel(folder, []),
  }));
}

function namedModels(models: readonly string[], { conditions, study }: TransferChoice): Wanted[] {
  if (conditions !== undefined) {
    throw new UsageError("--conditions are a study's", "Name models, or give --study and --conditions.");
  }
  const wanted = models.map((name): Wanted => {
    const found = findModel(name, studiesOf(study));
    return { id: found.label, condition: found.condition ?? found.label, found };
  });
  const twice = wanted.find(({ id }, i) => wanted.findIndex((other) => other.id === id) !== i);
  if (twice !== undefined) throw new UsageError(`two of the models are called ${twice.id}`, "Rename a folder.");
  return wanted;
}
