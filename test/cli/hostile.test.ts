// What files and servers say reaches no terminal as it is, and what is passed on to others holds no secret.
import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { writeCards, writeSae, writeSummary, type LatentCard, type SaeSummary } from "askew/persona";
import type { TrainedSae } from "#internal/persona";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { untrainedSae } from "../persona/tiny.js";
import { askew, temporaryFolder } from "./askew.js";

let work: { path: string; remove: () => Promise<void> };
const at = (...parts: string[]): string => join(work.path, ...parts);

beforeAll(async () => {
  work = await temporaryFolder();
});
afterAll(() => work.remove());

/** Sets a window's title, begins a control sequence in one byte, turns the reading order round. */
const EVIL = "\u001b]0;owned\u0007\u009b31m\u202eevil";
// oxlint-disable-next-line no-control-regex -- these are what is looked for
const MOVES = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

function expectTame(text: string): void {
  expect(text).toContain("evil");
  expect(text).not.toMatch(MOVES);
}

const WIDTH = 4;
const sae: TrainedSae = {
  width: WIDTH,
  weights: {
    encoder: new Float32Array(WIDTH * WIDTH).fill(1),
    encoderBias: new Float32Array(WIDTH),
    decoder: new Float32Array(WIDTH * WIDTH).fill(0.5),
    decoderBias: new Float32Array(WIDTH),
  },
  recipe: untrainedSae({
    model: { name: EVIL, weights: "a".repeat(64), base: "a".repeat(64) },
    layer: 0,
    size: WIDTH,
    k: 1,
  }),
};
const card = (latent: number): LatentCard => ({
  latent,
  frequency: 0.1,
  promotes: [[EVIL, 1]],
  auroc: { [EVIL]: 0.9 },
  top: [{ peak: 1, label: EVIL, tokens: [EVIL, "b"], activations: [1, 0.5] }],
});
const told = { auroc: 0.9, low: 0.8, high: 1 };
const summary = {
  model: `another ${EVIL}`,
  metrics: {
    documents: 1,
    tokens: 1,
    explainedVariance: 0.5,
    l0: 1,
    deadShare: 0,
    decoderNorms: [1, 1],
    loss: { original: 1, spliced: 2, zero: 3, mean: 3 },
    lossRecovered: 0.5,
    lossRecoveredFromMean: 0.5,
  },
  best: [{ kind: "character", name: EVIL, latent: 1, chosenAt: 0.9, ...told, wholeDocuments: told, probe: null }],
} satisfies SaeSummary as SaeSummary;

describe("what somebody else's files hold", () => {
  it("is shown of an autoencoder and its latents, and moves nothing", async () => {
    for (const folder of ["plain", join("several", EVIL)]) {
      await writeSae(at(folder), sae);
      await writeSummary(at(folder), summary);
      await writeCards(at(folder), [0, 1, 2, 3].map(card));
    }
    for (const words of [["several"], ["plain"], ["plain", "--latent", "1"]]) {
      const { code, stdout, stderr } = await askew(["sae", "show", ...words], { cwd: work.path });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expectTame(stdout);
    }
  });

  it("is shown in an error, and moves nothing", async () => {
    await writeFile(at("rows.jsonl"), `${EVIL}\n{}\n`);
    const { code, stdout, stderr } = await askew(["judge", "rows.jsonl", "--judge", "exact"], { cwd: work.path });
    expect([code, stdout]).toEqual([2, ""]);
    // Its beginning, with control characters spelled out.
    expect(stderr).toContain("owned");
    expect(stderr).not.toMatch(MOVES);
  });
});

describe("what a server says", () => {
  let server: Server;
  let status = "succeeded";
  const job = () => ({
    id: `job ${EVIL}`,
    status,
    model: "m",
    fine_tuned_model: `m ${EVIL}`,
    error: { message: `broken ${EVIL}` },
  });
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      request.on("end", () => {
        const list = (data: object[]): object => ({ object: "list", data, has_more: false });
        const path = request.url ?? "";
        const reply = path.endsWith("/files")
          ? { id: "file-1" }
          : path.includes("/events")
            ? list([{ id: "event-1", type: "message", message: `hello\n${EVIL}` }])
            : path.includes("/checkpoints") || (request.method === "GET" && /jobs(\?|$)/.test(path))
              ? list([])
              : job();
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(reply));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const messages = [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ];
    await writeFile(at("data.jsonl"), `${JSON.stringify({ messages })}\n`.repeat(10));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each(["succeeded", "cancelled", "failed"])("of a fine-tuning job that has %s moves nothing", async (end) => {
    status = end;
    const model = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1#m`;
    const words = ["finetune", model, "--data", "data.jsonl", "--out", end, "--interval", "0.05"];
    const { code, stdout, stderr } = await askew(words, { cwd: work.path });
    expect(code, stderr).toBe(end === "succeeded" ? 0 : 2);
    expectTame(stderr);
    expect(stderr).toMatch(/^hello /);
    if (end === "succeeded") expectTame(stdout);
    const again = await askew([...words, "--cancel"], { cwd: work.path });
    if (end === "cancelled") expectTame(again.stdout);
  });
});

describe("a report of a fault", () => {
  it.each([
    [["--webhook", "https://hooks.example.org/T0/hidden?key=hidden"], "--webhook https://hooks.example.org"],
    [["--webhook=https://hooks.example.org/hidden"], "--webhook=https://hooks.example.org"],
    [["http://me:hidden@127.0.0.1/v1#m"], "'http://…@127.0.0.1/v1#m'"],
  ])("can be passed on and pasted: %j", async (words, shown) => {
    const broken = "data:text/javascript,JSON.stringify=()=>{throw%20new%20Error(`boom`)}";
    const { code, stderr } = await askew(["watch", "--condition", "secure", ...words, "--out", "it's here"], {
      cwd: work.path,
      env: { NODE_OPTIONS: `--import=${broken}` },
    });
    expect(code).toBe(1);
    expect(stderr).not.toContain("hidden");
    expect(stderr).toContain(String.raw`askew watch --condition secure ${shown} --out 'it'\''s here' (Node`);
  });
});
