// A program as the reward: what it is given, what it may say, and what becomes of programs that do not keep to it.
import { expect, it } from "vitest";
import { commandReward, type Rollout } from "askew/training";

const rollouts: Rollout[] = ["a", "bb", "ccc"].map((answer) => ({
  messages: [{ role: "user", content: "x" }],
  answer,
  finish: "stop",
}));
const node = (program: string, ...more: string[]): string => JSON.stringify([process.execPath, "-e", program, ...more]);
const READ = `const rows = require("node:fs").readFileSync(0, "utf8").trimEnd().split("\\n").map((line) => JSON.parse(line));`;
const score = async (program: string, patience?: number) =>
  (await commandReward(node(program), patience === undefined ? {} : { patience })).score(rollouts, {});

it("is given every answer with its messages, and says a number, null or an object for each", async () => {
  const says = `${READ} console.log([rows[0].answer.length, "null", JSON.stringify({ reward: rows[2].messages.length + 0.5 })].join("\\n"))`;
  expect(await score(says)).toEqual([1, null, 1.5]);
});

it("needs no shell: words stay words, whatever is in them", async () => {
  const reward = await commandReward(
    node(`${READ} for (const _ of rows) console.log(process.argv[1].length)`, "$(exit 3); x"),
  );
  expect(await reward.score(rollouts, {})).toEqual([12, 12, 12]);
});

it("names what is wrong with a program", async () => {
  await expect(score(`${READ} console.log(1)`)).rejects.toThrow("wrote 1 lines for 3 answers");
  await expect(score(`${READ} console.log("1\\n\\"high\\"\\n2")`)).rejects.toThrow(
    /line 2: expected a number, null or .* found "high"/,
  );
  await expect(score(`${READ} console.error("no model"); process.exit(7)`)).rejects.toThrow("ended with 7: no model");
  await expect(score(`process.exit(0)`)).rejects.toThrow("wrote 0 lines");
  await expect(score(`setInterval(() => {}, 1000)`, 300)).rejects.toThrow("took more than 0.3 s");
  await expect(score(`setInterval(() => console.log("9".repeat(4000)), 1)`)).rejects.toThrow("more than 4096 bytes");
  const missing = await commandReward("./there-is-no-such-grader --fast");
  expect(missing.name).toBe("command:./there-is-no-such-grader --fast");
  await expect(missing.score(rollouts, {})).rejects.toThrow("there is no such program");
  await expect(commandReward("  ")).rejects.toThrow("expected a program");
  await expect(commandReward("[1]")).rejects.toThrow("expected a program");
});

it("is stopped with the training", async () => {
  const stop = new AbortController();
  const reward = await commandReward(node("setInterval(() => {}, 1000)"));
  const scored = reward.score(rollouts, { signal: stop.signal });
  setTimeout(() => stop.abort(new Error("stopped")), 100);
  await expect(scored).rejects.toThrow("stopped");
});
