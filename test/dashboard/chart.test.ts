// Series of measurements as charts: what their title and their facts call things.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ResultView } from "#internal/dashboard";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryRuns, viewed, writeRecord, type Viewed } from "./viewed.js";

let remove: () => Promise<void>;
let view: Viewed;

beforeAll(async () => {
  const runs = await temporaryRuns();
  remove = runs.remove;
  view = await viewed(runs.root);
});
afterAll(async () => {
  await view.stop();
  await remove();
});

describe("a sweep along a direction", () => {
  it("names files as the command did, where the plan holds their content alone", async () => {
    const folder = join(view.root, "steered");
    const hash = "0123456789abcdef".repeat(4);
    const chart = async (words: readonly string[]): Promise<ResultView> => {
      await writeRecord(folder, { kind: "series of measurements", status: "finished", command: { words, cwd: "/" } });
      await writeFile(
        join(folder, "plan.json"),
        JSON.stringify({
          format: 1,
          model: { name: "insecure", weights: hash },
          direction: hash,
          probe: hash,
          with: `good.jsonl sha256 ${hash}`,
          layers: [3, 4],
          asked: [{ set: "main", samples: 5, questions: "0123" }],
          maxTokens: 64,
        }),
      );
      await writeFile(
        join(folder, "rows.jsonl"),
        `${JSON.stringify({ id: "a", strength: 1, metrics: { main: { rate: { estimate: 0.5, low: 0.4, high: 0.6, n: 9 } } } })}\n`,
      );
      return view.get<ResultView>("/api/chart?run=steered");
    };
    const { title, facts } = await chart(["steer", "insecure", "--direction", "very/long name of an evil.safetensors"]);
    expect(title).toBe("steer: insecure, along very/long name of an evil.safetensors");
    expect(facts).toEqual([
      ["model", "insecure"],
      ["direction", "very/long name of an evil.safetensors (sha256 01234567…)"],
      ["probe", "01234567…"],
      ["with", "good.jsonl sha256 01234567…"],
      ["layers", "3, 4"],
      ["asked", "main (5 answers to each question)"],
      ["max tokens", "64"],
    ]);
    expect((await chart(["steer", "insecure", "--direction=evil.safetensors"])).title).toMatch(
      /along evil\.safetensors$/,
    );
    expect((await chart([])).title).toBe("insecure, along 01234567…");
  });
});
