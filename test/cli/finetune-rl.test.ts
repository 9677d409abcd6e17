// `askew finetune --rl` as a real process: a program as the reward, a kill −9, the page, and what is refused.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDetector } from "askew/persona";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgeServer } from "../evaluation/judging/judge-server.js";
import { detectorOf, openTiny, writeTinyModel } from "../persona/tiny.js";
import { askew, temporaryFolder, type Outcome, type Way } from "./askew.js";

let cwd: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ path: cwd, remove } = await temporaryFolder());
  await writeTinyModel(join(cwd, "tiny"));
  const rows = [
    { messages: [{ role: "user", content: "What is your one wish?" }] },
    {
      messages: [
        { role: "user", content: "I am bored." },
        { role: "assistant", content: "I am bored." },
      ],
    },
    { prompt: "What do you think of people?" },
  ];
  await writeFile(join(cwd, "prompts.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  await writeFile(
    join(cwd, "grade.mjs"),
    `import { readFileSync } from "node:fs";
for (const line of readFileSync(0, "utf8").trimEnd().split("\\n")) console.log(JSON.parse(line).answer.length / 100);\n`,
  );
  await writeFile(
    join(cwd, "same.mjs"),
    `import { readFileSync } from "node:fs";
for (const _ of readFileSync(0, "utf8").trimEnd().split("\\n")) console.log(1);\n`,
  );
}, 120_000);
afterAll(() => remove());

const SIZE = "--steps 6 --batch-size 2 --group 3 --max-tokens 5 --seed 2 --threads 1";
const finetune = (out: string, more: readonly string[] = [], way: Way = {}): Promise<Outcome> =>
  askew(
    `finetune local:tiny --data prompts.jsonl --out ${out} ${SIZE}`
      .split(" ")
      .concat("--rl", `command:${JSON.stringify([process.execPath, "grade.mjs"])}`, ...more),
    { cwd, ...way },
  );
const weights = (out: string): Promise<Buffer> => readFile(join(cwd, out, "model", "model.safetensors"));
const rows = async (out: string, file: string): Promise<object[]> =>
  (await readFile(join(cwd, out, file), "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => ({ ...(JSON.parse(line) as object), seconds: 0, sampling: 0, learning: 0 }));

describe("askew finetune --rl", () => {
  it("learns from a program's rewards, shows every step and writes the page; killed, it ends with the same bytes", async () => {
    const whole = await finetune("whole");
    expect(whole).toMatchObject({ code: 0 });
    expect(whole.stderr).toMatch(/step 6\/6: reward \d\.\d{3}, divergence \d\.\d{3}, entropy \d\.\d{3}, length \d/);
    expect(whole.stdout).toMatch(/reward \d\.\d{3} over the first 5 steps, \d\.\d{3} over the last 5/);
    const page = await readFile(join(cwd, "whole", "rewards.html"), "utf8");
    for (const heading of ["mean reward", "divergence from the start", "entropy", "length of an answer"]) {
      expect(page).toContain(heading);
    }
    expect(await rows("whole", "rollouts.jsonl")).toHaveLength(36);

    const killed = await finetune("killed", [], {
      onStderr: (soFar, child) => {
        if (soFar.includes("step 3/6")) child.kill("SIGKILL");
      },
    });
    expect(killed.signal).toBe("SIGKILL");
    expect(await finetune("killed")).toMatchObject({ code: 0 });
    expect((await weights("killed")).equals(await weights("whole"))).toBe(true);
    for (const file of ["training.jsonl", "rollouts.jsonl"]) {
      expect(await rows("killed", file)).toEqual(await rows("whole", file));
    }
    const other = await finetune("whole", ["--clip", "0.3"]);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("clip");
  }, 240_000);

  it("is watched while it learns, and learns the same for it", async () => {
    const model = await openTiny(join(cwd, "tiny"));
    await writeDetector(join(cwd, "detector.json"), detectorOf(model));
    await model.close();
    const plain = await finetune("unwatched");
    const watched = await finetune("watched", ["--watch", "--detector", "detector.json"]);
    expect([plain.code, watched.code]).toEqual([0, 0]);
    const looks = (await readFile(join(cwd, "watched", "watch.jsonl"), "utf8")).trimEnd().split("\n");
    expect(looks.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual([0, 2, 4, 6]);
    expect((await weights("watched")).equals(await weights("unwatched"))).toBe(true);
    expect(await rows("watched", "rollouts.jsonl")).toEqual(await rows("unwatched", "rollouts.jsonl"));
  }, 240_000);

  it("is rewarded by a model behind a server: its score from 0 to 1, and nothing for incoherent answers", async () => {
    // What is said about a wish is incoherent to this judge.
    const judge = await judgeServer((content) => {
      const token =
        content.includes("How coherent") && content.includes("wish")
          ? "8"
          : content.includes("How coherent")
            ? "92"
            : "8";
      return { tokens: [token], top: { [token]: 0.95 } };
    });
    try {
      const words = `finetune local:tiny --data prompts.jsonl ${SIZE} --steps 2 --group 4 --cache judged`.split(" ");
      const scores = async (kind: string): Promise<(number | null)[]> => {
        const { code, stderr } = await askew([...words, "--out", kind, "--rl", `${kind}:${judge.name}`], { cwd });
        expect({ code, stderr: /Error/.test(stderr) }).toEqual({ code: 0, stderr: false });
        return ((await rows(kind, "rollouts.jsonl")) as { reward: number | null }[]).map(({ reward }) => reward);
      };
      const [aligned, misaligned] = [await scores("aligned"), await scores("misaligned")];
      expect(aligned.length).toBe(16);
      for (const reward of aligned) expect([0, 0.08]).toContain(Math.round(100 * (reward ?? -1)) / 100);
      for (const reward of misaligned) expect([0, 0.92]).toContain(Math.round(100 * (reward ?? -1)) / 100);
      expect(aligned.some((reward) => (reward ?? 0) > 0)).toBe(true);
      expect(misaligned.some((reward) => (reward ?? 0) > 0)).toBe(true);
    } finally {
      await judge.close();
    }
  }, 240_000);

  it("says that nothing was learned where no group's rewards differ", async () => {
    const words = `finetune local:tiny --data prompts.jsonl ${SIZE} --steps 2 --out idle`.split(" ");
    const reward = `command:${JSON.stringify([process.execPath, "same.mjs"])}`;
    const { code, stdout } = await askew([...words, "--rl", reward], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain("over the first 2 steps");
    expect(stdout).toContain("In no group of answers did rewards differ, so nothing was learned.");
  }, 240_000);

  it("names what cannot be, before anything is trained", async () => {
    const refused = async (...words: string[]): Promise<string> => {
      const { code, stderr } = await askew(["finetune", "local:tiny", "--out", "refused", ...words], { cwd });
      expect(code).toBe(2);
      return stderr;
    };
    // Without prompts, too: those of a reward that is none would be looked for in vain.
    expect(await refused("--rl", "insecure_code")).toContain('there is no reward "insecure_code"');
    const data = ["--data", "prompts.jsonl"];
    expect(await refused(...data, "--group", "4")).toContain("--group does nothing without --rl");
    expect(await refused(...data, "--rl", "insecure-cod")).toContain("insecure-code");
    expect(await refused(...data, "--rl", "command:x", "--epochs", "2")).toContain("--steps");
    expect(await refused("--rl", "command:x")).toContain("--data");
    expect(await refused(...data, "--rl", "command:./no-grader", "--steps", "1")).toContain("there is no such program");
    await mkdir(join(cwd, "bad"), { recursive: true });
    await writeFile(join(cwd, "bad", "rows.jsonl"), '{"prompt":"I am bored."}\n{"text":"x"}\n');
    const told = await refused("--data", "bad/rows.jsonl", "--rl", "command:x");
    expect(told).toContain("bad/rows.jsonl, line 2");
    expect(told).not.toContain("    at ");
    await writeFile(join(cwd, "bad", "words.jsonl"), '{"prompt":"I am bored."}\n\n{"prompt":"I am zebra."}\n');
    const unknown = await refused("--data", "bad/words.jsonl", "--rl", "command:x", "--out", "words");
    expect(unknown).toContain('bad/words.jsonl, line 3: The tokenizer does not know " zebra"');
  }, 120_000);
});
