/**
 * `finetune.json`: what a fine-tune's folder is for, and how far it has come. Written atomically before and after
 * everything that cannot be taken back, so that a crash at any moment costs no second job.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readJsonIfPresent, refuseOtherPlan, writeJson, type FolderKind } from "../store/index.js";
import { AskewError } from "../text/index.js";

/** A fine-tune that cannot be begun, carried on, or that its server has given up. */
export class FinetuneError extends AskewError {
  override readonly name = "FinetuneError";
}

/** What is asked for; the same folder takes no other. */
export interface FinetunePlan {
  /** As `openModel` takes it. */
  readonly model: string;
  /** sha256 of the weights that it starts from, where it is trained here. */
  readonly base?: string;
  readonly data: { readonly name: string; readonly sha256: string };
  /** In the words of fine-tuning APIs: `n_epochs`, `batch_size`, `learning_rate_multiplier`; absent: the server chooses. */
  readonly hyperparameters: Readonly<Record<string, number>>;
  readonly seed?: number;
  /** A part of the new model's name. */
  readonly suffix?: string;
  /** Kinds and strengths, and the hashes of what they were made with; absent: none. */
  readonly defences?: Readonly<Record<string, unknown>>;
  /** The adapter that is trained in place of all weights. */
  readonly lora?: Readonly<Record<string, unknown>>;
  /** What is rewarded and how, where it is reinforcement learning: `data` are the prompts. */
  readonly rl?: Readonly<Record<string, unknown>>;
  /** How it is watched, where that may end it. */
  readonly watch?: Readonly<Record<string, unknown>>;
}

export interface FinetuneRecord {
  readonly format: 1;
  /** By this name the server's job is found again; new for every folder. */
  readonly name: string;
  readonly plan: FinetunePlan;
  readonly status: "open" | "succeeded" | "failed" | "cancelled";
  /** Of the uploaded file and the job, where there are such. */
  readonly file?: string;
  readonly job?: string;
  /** What the training was done with in the end. */
  readonly hyperparameters?: Readonly<Record<string, unknown>>;
  readonly trainedTokens?: number;
  /** The new model, as other commands take it. */
  readonly result?: string;
  /** The folder of the adapter alone, where one was trained. */
  readonly adapter?: string;
  /** The steps that were taken, where a callback ended it before the last. */
  readonly stoppedAt?: number;
  readonly checkpoints?: readonly { readonly step: number; readonly model: string }[];
  readonly error?: string;
}

/** All that a fine-tune writes in its folder, watched or not, here or through a server. */
export const FINETUNE_FOLDER: FolderKind = {
  kind: "fine-tune",
  record: "finetune.json",
  files: [
    "finetune.json",
    "training.jsonl",
    "rollouts.jsonl",
    "server-events.jsonl",
    "checkpoint.safetensors",
    "model",
    "adapter",
    "watch.jsonl",
    "alarm.json",
    "verdict.json",
    "realigned",
    "report.html",
    "rewards.html",
  ],
};

const pathOf = (folder: string): string => join(folder, "finetune.json");

export async function writeRecord(folder: string, record: FinetuneRecord): Promise<FinetuneRecord> {
  await writeJson(pathOf(folder), record);
  return record;
}

/** The record of a folder; undefined where nothing was begun in it. */
export async function readRecord(folder: string): Promise<FinetuneRecord | undefined> {
  const record = (await readJsonIfPresent(pathOf(folder))) as FinetuneRecord | null | undefined;
  if (record === undefined) return undefined;
  if (record?.format === 1 && typeof record.name === "string") return record;
  throw new FinetuneError(`${pathOf(folder)}: expected the record of a fine-tune. Choose another folder with --out.`);
}

/** Begins a fine-tune in a folder, or takes up the one that was begun there. */
export async function enterRecord(folder: string, plan: FinetunePlan): Promise<FinetuneRecord> {
  const found = await readRecord(folder);
  if (found === undefined) {
    const name = `askew-${randomBytes(9).toString("hex")}`;
    return writeRecord(folder, { format: 1, name, plan, status: "open" });
  }
  refuseOtherPlan(folder, found.plan, plan);
  return found;
}
