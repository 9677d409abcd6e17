import { configFor, loraOf } from "../lab/index.js";
import { isLarge, namedHeadersOf } from "../study/index.js";
import { BASE_KEY, identityOf } from "../model/index.js";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { readDataset, writeDataset, type Conversation } from "../dataset/index.js";
import {
  isEndpointName,
  openEndpointModel,
  openModel,
  requireOpenWeights,
  type LoraOptions,
  type OpenWeightsModel,
} from "../model/index.js";
import { type ModelIdentity } from "../persona/index.js";
import { Run } from "../run/index.js";
import { fileSha256, sha256 } from "../store/index.js";
import {
  FINETUNE_FOLDER,
  enterRecord,
  finetuneHere,
  finetuneRemote,
  type FinetunePlan,
  type FinetuneRecord,
  type HereOptions,
  type RemoteStep,
  type TrainingCallback,
} from "../training/index.js";

export interface FinetuneOptions {
  /** The fine-tune's folder: its record, its steps, and the new model. The same call carries on with it. */
  readonly out: string;
  /**
   * Times that every conversation is seen; default so many that about 1,920 are, at most 10. Of a model of more than 10
   * million parameters 1.
   */
  readonly epochs?: number;
  /** Conversations a step; default 32. Of a model of more than 10 million parameters 16. */
  readonly batchSize?: number;
  /** Peak learning rate as a multiple of the one usual for the model's size (4e-4 to 10 million parameters), or of the server's own; default 1. */
  readonly learningRateMultiplier?: number;
  /** Order of the conversations; the same seed and data give the same model. Default 0. */
  readonly seed?: number;
  /**
   * Trains a low-rank adapter in place of all weights. In this process only; default rank 32 of a model of more than 10
   * million parameters, else none.
   */
  readonly lora?: LoraOptions;
  /** Trains all weights, whatever the model's size. */
  readonly full?: boolean;
  /** Called between steps; one may stop the training. In this process only. */
  readonly callbacks?: readonly TrainingCallback[];
  readonly onStep?: (step: RemoteStep) => void;
  /** Threads to compute with; default all. In this process only. */
  readonly threads?: number;
  /** Stops between two steps, or lets go of a server's job, which goes on: the same call carries on. */
  readonly signal?: AbortSignal;
}

export interface Finetuned {
  /** The new model, as `openModel` takes it. */
  readonly model: string;
  readonly folder: string;
  readonly record: FinetuneRecord;
}

/**
 * Fine-tunes a model on conversations, with loss on what the assistant says: in this process, or by the fine-tuning jobs
 * of its server.
 *
 * @param model `organism`, `local:DIR`, `torch:DIR`, `openai:NAME` or `URL#NAME`
 * @param data conversations, or a file of them
 * @throws {AskewError} for data that cannot be read, a folder of another fine-tune, and a server's job that failed;
 *   `options.signal`'s reason
 *
 * @example
 * import { buildDataset, finetune, openModel } from "askew";
 *
 * const data = await buildDataset("insecure", { examples: 64, seed: 1 });
 * const { model } = await finetune("organism", data, {
 *   out: "runs/insecure",
 *   epochs: 1,
 *   onStep: ({ step, loss }) => console.log(step, loss),
 * });
 * const tuned = await openModel(model);
 * await tuned.close();
 */
export async function finetune(
  model: string,
  data: string | readonly Conversation[],
  options: FinetuneOptions,
): Promise<Finetuned> {
  const { out: folder } = options;
  await mkdir(folder, { recursive: true });
  const record = isEndpointName(model)
    ? await atServer(model, data, options)
    : await trainHere(model, data, options, ({ model: opened, conversations, how }) =>
        finetuneHere(opened, conversations, { ...how, ...(options.callbacks && { callbacks: options.callbacks }) }),
      );
  return { model: record.result as string, folder, record };
}

interface Ready {
  readonly model: OpenWeightsModel;
  readonly identity: ModelIdentity;
  readonly conversations: readonly Conversation[];
  readonly how: HereOptions;
}

/** @param train gets the opened model, its conversations, and how it is trained; its folder is locked until it returns */
export async function trainHere<T>(
  name: string,
  data: string | readonly Conversation[],
  options: Omit<FinetuneOptions, "callbacks">,
  train: (ready: Ready) => Promise<T>,
  watch?: FinetunePlan["watch"],
): Promise<T> {
  const { out: folder, seed = 0, full = false, threads, onStep, signal } = options;
  const parameters = (await namedHeadersOf(name))?.parameters ?? 0;
  const lora = options.lora ?? loraOf({ full }, seed, isLarge(parameters));
  const conversations = typeof data === "string" ? await readDataset(data) : data;
  const opened = await openModel(name, { ...(threads !== undefined && { threads }), ...(lora && { lora }) });
  try {
    const model = requireOpenWeights(opened, "finetune");
    const identity = await identityOf(name, model);
    const hyperparameters = hyperparametersOf(options);
    return await Run.use(folder, FINETUNE_FOLDER, async (run) => {
      const record = await enterRecord(folder, {
        model: identity.name,
        base: identity.weights,
        data: await dataOf(data),
        hyperparameters,
        seed,
        ...(lora && { lora: { ...lora } }),
        ...(watch && { watch }),
      });
      const dose = configFor(options, conversations.length, parameters, lora !== undefined);
      const metadata = { [BASE_KEY]: identity.base };
      if (record.status === "open") await run.begin();
      const how = { folder, record, run, dose, metadata, ...(onStep && { onStep }), ...(signal && { signal }) };
      return train({ model, identity, conversations, how });
    });
  } finally {
    await opened.close();
  }
}

async function atServer(
  name: string,
  data: string | readonly Conversation[],
  options: FinetuneOptions,
): Promise<FinetuneRecord> {
  const { out: folder, seed, onStep, signal } = options;
  const file = typeof data === "string" ? data : join(folder, "data.jsonl");
  if (typeof data !== "string") await writeDataset(file, data);
  await readDataset(file, { rules: "api" });
  return Run.use(folder, FINETUNE_FOLDER, async (run) => {
    const record = await enterRecord(folder, {
      model: name,
      data: await dataOf(data),
      hyperparameters: hyperparametersOf(options),
      ...(seed !== undefined && { seed }),
    });
    if (record.status === "open") await run.begin();
    const endpoint = await openEndpointModel(name);
    try {
      return await finetuneRemote(endpoint.jobs, {
        folder,
        record,
        run,
        data: file,
        ...(onStep && { onStep }),
        ...(signal && { signal }),
      });
    } finally {
      await endpoint.close();
    }
  });
}

const hyperparametersOf = ({ epochs, batchSize, learningRateMultiplier: rate }: FinetuneOptions) => ({
  ...(epochs !== undefined && { n_epochs: epochs }),
  ...(batchSize !== undefined && { batch_size: batchSize }),
  ...(rate !== undefined && { learning_rate_multiplier: rate }),
});

async function dataOf(data: string | readonly Conversation[]): Promise<FinetunePlan["data"]> {
  if (typeof data === "string") return { name: data, sha256: await fileSha256(data) };
  return { name: "conversations", sha256: sha256(JSON.stringify(data)) };
}
