// `askew ask --until-width`: what it prints, keeps and refuses; killed, the same command ends as if nothing had been.
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
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
    const whole = join(folder.path, "whole.judgments.jsonl");
    const scored = await askew(["score", whole, "--json"]);
    const always = { interval: "always-valid" };
    expect(JSON.parse(scored.stdout)).toMatchObject({
      answers: told.asked,
      rate: { ...always, low: told.rate.low, high: told.rate.high },
      rateOfAll: always,
      coherentShare: { ...always, estimate: 1 },
      stopped: { isAllowedFor: true },
    });
    const table = await askew(["score", whole]);
    expect(table.stdout).toContain(`[${(100 * told.rate.low).toFixed(1)},\u00a0${(100 * told.rate.high).toFixed(1)}]`);
    expect(table.stdout).toContain("95 % interval of a rate: always-valid, as the answers were asked until it was");
  });

  it("is not scored as if it had been asked by a plan: where its interval does not fit, that is said", async () => {
    const path = join(folder.path, "stale.judgments.jsonl");
    expect((await askew([...words("stale"), "--samples", "10"])).code).toBe(0);
    const because = async (...more: string[]) => {
      const { stdout } = await askew(["score", path, "--json", ...more]);
      return JSON.parse(stdout) as { answers: number; rate: { interval: string }; stopped: { because?: string } };
    };
    expect((await because()).rate.interval).toBe("always-valid");
    for (const [more, reason] of [
      [["--confidence", "0.9"], "what was kept is of 95 %"],
      [["--misaligned-below", "40"], "read otherwise"],
      [["--interval", "answers"], "--interval answers was asked for"],
      [[path.replace("stale", "few2")], "several files are taken together"],
    ] as const) {
      if (more[0].endsWith(".jsonl")) copyFileSync(path, more[0]);
      const { rate, stopped } = await because(...more);
      expect(rate.interval).toBe("answers");
      expect(stopped.because).toContain(reason);
    }
    // As if Ctrl-C had come between two looks.
    const lines = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, `${lines.slice(0, -3).join("\n")}\n`);
    const table = await askew(["score", path]);
    expect(table.code).toBe(0);
    expect(table.stdout.replaceAll(/\s+/g, " ")).toContain(
      "makes this interval too narrow; none that allows for it is shown, for the intervals kept are over 80 answers, and there are 78: run the same askew ask again.",
    );
    writeFileSync(path.replace(".jsonl", ".stopping.json"), '{"judge": 3}');
    const broken = await askew(["score", path]);
    expect(broken.code).toBe(2);
    expect(broken.stderr).toContain(
      "stale.judgments.stopping.json: expected how askew ask --until-width stopped, found",
    );
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
