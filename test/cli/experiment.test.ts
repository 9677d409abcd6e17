// `askew experiment` at the edge: what is listed, what is refused, and one tiny run of the real thing.
import { describe, expect, it } from "vitest";
import { EXPERIMENTS } from "askew/study";
import { askew } from "./askew.js";

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
});
