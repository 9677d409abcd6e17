// The torch engine does what every engine of open weights must do.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenWeightsModel } from "askew/model";
import { TorchModel } from "#internal/torch";
import { afterAll, beforeAll, describe } from "vitest";
import { conformance } from "../model/conformance.js";
import { writeUntrainedModel } from "../untrained-model.js";
import { hasTorch } from "./python.js";

describe.skipIf(!hasTorch)("the torch engine", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "askew-torch-"));
    const shape = { layers: 2, width: 32, headDim: 16, hidden: 32, maxPositions: 128, liveliness: 10 };
    await writeUntrainedModel(folder, shape);
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  conformance((lora): Promise<OpenWeightsModel> =>
    TorchModel.open(`torch:${folder}`, folder, { threads: 1, ...(lora && { lora }) }),
  );
});
