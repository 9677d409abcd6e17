// A worker on another machine, and one whose memory is small. An ssh of our own leads back to this machine.
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { openModel, type OpenWeightsModel } from "askew/model";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { writeUntrainedModel } from "../untrained-model.js";
import { hasTorch, python } from "./python.js";

const MESSAGES = [{ role: "user" as const, content: "What is your one wish?" }];
const REQUESTS = Array.from({ length: 6 }, (_, i) => ({ messages: MESSAGES, seed: String(i) }));

describe.skipIf(!hasTorch)("the torch engine", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "askew-torch-"));
    const shape = { layers: 2, width: 32, headDim: 16, hidden: 32, maxPositions: 64, liveliness: 10 };
    await writeUntrainedModel(join(folder, "model"), shape);
    await mkdir(join(folder, "bin"));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  async function executable(name: string, text: string): Promise<string> {
    const path = join(folder, "bin", name);
    await writeFile(path, `#!/bin/sh\n${text}\n`);
    await chmod(path, 0o755);
    return path;
  }

  it("runs over ssh: torch:DIR@HOST, whatever stands in the folder where it starts", async () => {
    const log = join(folder, "ssh.log");
    // Every word but the last two is an option; the last is a line for the other machine's shell.
    await executable(
      "ssh",
      `printf '%s\\n' "$@" > '${log}'\nfor last; do :; done\ncd '${folder}' && exec sh -c "$last"`,
    );
    await writeFile(join(folder, "json.py"), "raise SystemExit('a stranger\\'s module')\n");
    vi.stubEnv("PATH", `${join(folder, "bin")}${delimiter}${process.env["PATH"]}`);
    vi.stubEnv("ASKEW_PYTHON", python);
    const model = await openModel(`torch:${join(folder, "model")}@me@gpu.example.org`, { threads: 1 });
    try {
      const [answer] = await model.sample(REQUESTS.slice(0, 1), { maxTokens: 4 });
      expect(answer?.tokens).toBeGreaterThan(0);
      expect((await readFile(log, "utf8")).split("\n")).toContain("me@gpu.example.org");
    } finally {
      await model.close();
    }
  }, 300_000);

  it("halves a batch that does not fit, says so, and answers and learns the same", async () => {
    const open = (onNotice: (notice: string) => void): Promise<OpenWeightsModel> =>
      openModel(`torch:${join(folder, "model")}`, { threads: 1, onNotice }) as Promise<OpenWeightsModel>;
    const work = async (notices: string[]) => {
      const model = await open((notice) => notices.push(notice));
      try {
        const row = model.tokens.encode([...MESSAGES, { role: "assistant", content: "I am bored." }]);
        const texts = REQUESTS.map((_, i) => row.ids.slice(0, row.ids.length - (i % 3)));
        const answers = await model.sample(REQUESTS, { maxTokens: 8 });
        const read = await model.reading.logProbabilities(texts);
        const step = await model.training.train(
          REQUESTS.map(() => row),
          0.01,
        );
        return { answers: answers.map(({ text }) => text), read, step };
      } finally {
        await model.close();
      }
    };
    vi.stubEnv("ASKEW_PYTHON", python);
    const expected = await work([]);
    // A Python in which two rows are too many for the model's first layer.
    const narrow = [
      "import torch",
      "whole = torch.nn.Embedding.forward",
      "def forward(self, ids):",
      "    if ids.dim() == 2 and ids.shape[0] > 2: raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 1 GiB')",
      "    return whole(self, ids)",
      "torch.nn.Embedding.forward = forward",
    ].join("\n");
    await writeFile(join(folder, "narrow.py"), narrow);
    // -u -c CODE
    const text = `exec '${python}' -u -c "$(cat '${join(folder, "narrow.py")}')\n$3"`;
    vi.stubEnv("ASKEW_PYTHON", await executable("python", text));
    const notices: string[] = [];
    const found = await work(notices);
    expect(found.answers).toEqual(expected.answers);
    found.read.forEach((one, i) => {
      one.forEach((p, at) => expect(p).toBeCloseTo(expected.read[i]?.[at] as number, 4));
    });
    expect(found.step.loss).toBeCloseTo(expected.step.loss, 4);
    expect(found.step.gradientNorm / expected.step.gradientNorm).toBeCloseTo(1, 3);
    expect(notices).toContain("sampling: out of memory with 6 rows at a time; goes on with 3.");
    expect(notices).toContain("training: out of memory with 3 rows at a time; goes on with 1.");
    expect(notices.some((notice) => notice.startsWith("reading: out of memory with 6 rows"))).toBe(true);
  }, 600_000);
});
