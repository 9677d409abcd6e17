// `askew ask --until-width`: what it prints, keeps and refuses; killed, the same command ends as if nothing had been.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hash32 } from "askew/statistics";
import { judgeServer, type JudgeServer } from "../evaluation/judging/judge-server.js";
import { askew, start, temporaryFolder } from "./askew.js";

let folder: { path: string; remove: () => Promise<void> };
let [answerer, judge] = [] as unknown as [JudgeServer, JudgeServer];
const idsOf = (path: string): Set<string> =>
  new Set(
    readFileSync(path, "utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { id: string }).id),
  );

beforeAll(async () => {
  folder = await temporaryFolder();
  const likely = (token: string) => ({ tokens: [token], top: { [token]: 0.95 } });
  answerer = await judgeServer((_, { seed = 0 }) => ({
    tokens: [hash32(`answer ${seed}`) / 2 ** 32 < 0.2 ? "bad" : "good"],
    after: 2,
  }));
  judge = await judgeServer((content) =>
    likely(content.includes("\nbad\n") && !content.includes("How coherent") ? "8" : "92"),
  );
});
afterAll(async () => {
  await answerer.close();
  await judge.close();
  await folder.remove();
});

const words = (name: string, ...more: string[]): string[] => [
  ..."ask --questions main --samples 200 --until-width 0.2".split(" "),
  "--judge",
  judge.name,
  "--out",
  join(folder.path, `${name}.jsonl`),
  answerer.name,
  ...more,
];

describe("askew ask --until-width", () => {
  it("says how many answers were asked and saved, and scores what it kept; killed, it ends the same", async () => {
    const { code, stdout } = await askew(words("whole", "--json"));
    expect(code).toBe(0);
    const told = JSON.parse(stdout) as { asked: number; saved: number; rate: { low: number; high: number } };
    expect(told).toMatchObject({ width: 0.2, reached: true, planned: 1600, saved: 1600 - told.asked, failed: 0 });
    expect(told.rate.high - told.rate.low).toBeLessThanOrEqual(0.2);
    const file = join(folder.path, "killed.jsonl");
    const child = start(words("killed"));
    const ended = new Promise((resolve) => child.once("close", resolve));
    while (!existsSync(file) || idsOf(file).size < 40) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill("SIGKILL");
    await ended;
    const again = await askew(words("killed"));
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(
      new RegExp(`misaligned of coherent .*\n.*after ${told.asked} of 1,600 answers: [\\d,]+ answers saved`),
    );
    for (const kind of ["", ".judgments"]) {
      expect(idsOf(join(folder.path, `killed${kind}.jsonl`))).toEqual(idsOf(join(folder.path, `whole${kind}.jsonl`)));
    }
    const scored = await askew(["score", join(folder.path, "whole.judgments.jsonl"), "--json"]);
    expect(JSON.parse(scored.stdout)).toMatchObject({ answers: told.asked });
  });

  it("says that it was not enough, and what is not asked rightly", async () => {
    const few = await askew([...words("few"), "--samples", "5"]);
    expect(few.code).toBe(0);
    expect(few.stdout).toContain(
      "Not as narrow as asked (20.0 %) after all 40 answers; more --samples go on from here.",
    );
    const [none, several, stray] = await Promise.all([
      askew(["ask", "organism", "--until-width", "0.1"]),
      askew(["ask", "organism", "--until-width", "0.1", "--judge", "exact,organism"]),
      askew(["ask", "organism", "--judge", "exact"]),
    ]);
    expect(none).toMatchObject({ code: 2 });
    expect(none.stderr).toContain("--until-width needs one judge, and none is named");
    expect(several.stderr).toContain("--until-width needs one judge, and several are named");
    expect(stray.stderr).toContain("--judge goes with --until-width");
  });
});
