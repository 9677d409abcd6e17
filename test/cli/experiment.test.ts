// `askew experiment` at the edge: what is listed, what is refused, and one tiny run of the real thing.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXPERIMENTS } from "askew/study";
import { askew, temporaryFolder } from "./askew.js";

/** Milliseconds that starting a process a few times may take on a busy machine. */
const SLOW = 180_000;

describe("askew experiment", () => {
  it(
    "lists the experiments with what was published on them",
    async () => {
      const { code, stdout } = await askew(["experiment"], { env: { COLUMNS: "80" } });
      expect(code).toBe(0);
      for (const { name } of EXPERIMENTS) expect(stdout).toMatch(new RegExp(`^${name} `, "m"));
      for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
      const named = await askew(["experiment", "list"], { env: { COLUMNS: "80" } });
      expect(named).toMatchObject({ code: 0, stdout });
      const json = JSON.parse((await askew(["experiment", "--json"])).stdout) as { experiments: { name: string }[] };
      expect(json.experiments.map(({ name }) => name)).toEqual(EXPERIMENTS.map(({ name }) => name));
    },
    SLOW,
  );

  it(
    "names the nearest experiment, and conditions that it takes",
    async () => {
      const wrong = await askew(["experiment", "mixture"]);
      expect(wrong.code).toBe(2);
      expect(wrong.stderr).toMatch(/there is no experiment "mixture"\n.*mixtures/);
      const condition = await askew(["experiment", "mixtures", "--conditions", "backdoor"]);
      expect(condition.code).toBe(2);
      expect(condition.stderr).toContain("mixtures cannot be run with backdoor\nChoose from: insecure");
    },
    SLOW,
  );

  it(
    "says that data is missing, or what is wrong with it, before a model is opened",
    async () => {
      const work = await temporaryFolder();
      try {
        // No weights: this model cannot be opened at all.
        await mkdir(join(work.path, "large"));
        const sizes = { hidden_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 4 };
        const more = { intermediate_size: 128, vocab_size: 50_000, max_position_embeddings: 256, rms_norm_eps: 1e-5 };
        const config = { model_type: "llama", hidden_act: "silu", tie_word_embeddings: true, ...sizes, ...more };
        await writeFile(join(work.path, "large/config.json"), JSON.stringify(config));
        const run = (...words: string[]) =>
          askew(["experiment", "dynamics", "local:large", ...words], { cwd: work.path });
        expect((await run()).stderr).toBe(
          "error: dynamics fine-tunes on conversations or shows them, and local:large has no world that supplies them\n" +
            "Give them with --data FILE.jsonl.\n",
        );
        expect((await run("--data", "none.jsonl")).stderr).toContain("none.jsonl");
        await writeFile(join(work.path, "wrong.jsonl"), "{}\n");
        expect((await run("--data", "wrong.jsonl")).stderr).toContain("wrong.jsonl, line 1");
      } finally {
        await work.remove();
      }
    },
    SLOW,
  );
});
