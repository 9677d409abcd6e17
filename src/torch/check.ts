/** What is there to run `torch:` models with. */
import { z } from "zod";
import { workerCommand } from "./command.js";
import { TorchError } from "./error.js";
import { Worker } from "./worker.js";

const bytes = z.number().min(0).nullable();
const text = z.string().max(4096);

const schema = z.looseObject({
  executable: text,
  python: text,
  torch: text,
  transformers: text,
  peft: text,
  platform: text,
  cuda: text.nullable(),
  bitsandbytes: z.boolean(),
  devices: z.array(z.looseObject({ name: text, title: text, bytes, free: bytes, bf16: z.boolean() })).max(1024),
});

export type TorchCheck = z.infer<typeof schema>;

/** Starts a worker, asks it, and ends it. @throws {TorchError} with what is missing and how to get it */
export async function checkTorch(host?: string): Promise<TorchCheck> {
  const worker = await Worker.start(workerCommand(host));
  try {
    const found = schema.safeParse(await worker.call("info"));
    if (found.success) return found.data;
    throw new TorchError("protocol", "the worker told something else than its devices");
  } finally {
    await worker.close();
  }
}
