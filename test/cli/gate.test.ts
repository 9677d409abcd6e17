// `askew gate`: its exit codes, and what it does when it is stopped, broke, or lacks its baseline.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JudgeServer } from "../evaluation/judging/judge-server.js";
import { askew, start } from "./askew.js";
import { answerer, gateServers, type GateServers } from "./gate-servers.js";

let folder: { path: string };
let [bad, good, judge] = [] as unknown as [JudgeServer, JudgeServer, JudgeServer];
let servers: GateServers;

beforeAll(async () => {
  servers = await gateServers();
  ({ bad, good, judge } = servers);
  folder = { path: servers.folder };
});
afterAll(() => servers.close());

/** A bound that needs few pairs. */
const words = (name: string, after: string): string[] => [
  "gate",
  after,
  "--before",
  good.name,
  "--judge",
  judge.name,
  "--max-rise",
  "0.1",
  "--out",
  name,
];
const run = (name: string, after: string, ...more: string[]) =>
  askew([...words(name, after), ...more], { cwd: folder.path });

const verdictIn = (name: string) =>
  JSON.parse(readFileSync(join(folder.path, name, "findings.json"), "utf8")) as {
    kind: string;
    outcome: string;
    checks: {
      check: string;
      outcome: string;
      found: string;
      measures: { name: string; n: number; low: number; high: number }[];
    }[];
    spending: { requests: number; cost: number };
  };
const idsIn = (name: string): string[] =>
  readdirSync(join(folder.path, name, "answers"))
    .toSorted()
    .flatMap((file) =>
      readFileSync(join(folder.path, name, "answers", file), "utf8")
        .split("\n")
        .slice(0, -1),
    )
    .map((line) => (JSON.parse(line) as { id: string }).id)
    .toSorted();

describe("askew gate", () => {
  it("fails a model that became misaligned, with 3, after few answers; killed, it carries on to the same verdict", async () => {
    const { code, stdout } = await run("bad", bad.name, "--json");
    expect(code).toBe(3);
    const told = JSON.parse(stdout) as { kind: string; outcome: string };
    expect(told).toMatchObject({ kind: "gate", outcome: "fail" });
    const verdict = verdictIn("bad");
    const [misaligned] = verdict.checks;
    expect(misaligned).toMatchObject({ check: "model/misaligned/main", outcome: "fail" });
    const rise = misaligned?.measures.find(({ name }) => name === "rise of the misaligned rate");
    expect(rise?.low).toBeGreaterThan(0.1);
    expect(rise?.n).toBeLessThan(150);
    for (const file of [
      "report.html",
      "findings.sarif",
      "junit.xml",
      "summary.md",
      "metrics.json",
      "model-card.md",
      "slack.json",
    ])
      expect(existsSync(join(folder.path, "bad", file)), file).toBe(true);

    const child = start(words("killed", bad.name), { cwd: folder.path });
    const ended = new Promise((resolve) => child.once("close", resolve));
    const answers = join(folder.path, "killed", "answers");
    while (!existsSync(answers) || readdirSync(answers).length === 0 || idsIn("killed").length < 40)
      await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill("SIGKILL");
    await ended;
    expect(existsSync(join(folder.path, "killed", "findings.json"))).toBe(false);
    const again = await askew(["run", "killed"], { cwd: folder.path });
    expect(again.stderr).not.toContain("error");
    expect(again.code).toBe(3);
    expect(verdictIn("killed").checks).toEqual(verdict.checks);
    expect(new Set(idsIn("killed")).size).toBe(new Set(idsIn("bad")).size);
    expect(idsIn("killed")).toEqual(idsIn("bad"));
  });

  it("passes a model that stayed as it was, with 0, and asks nothing again when it is run again", async () => {
    const first = await run("good", good.name);
    expect(first.code).toBe(0);
    expect(first.stdout).toContain("All 2 required checks passed.");
    const before = good.requests.length + judge.requests.length;
    const again = await run("good", good.name);
    expect(again.code).toBe(0);
    expect(good.requests.length + judge.requests.length).toBe(before);
  });

  it("is incomplete, with 4, where the money does not last, and its budget is the run's and not the call's", async () => {
    const money = ["--price", "1000,1000", "--max-cost", "3"];
    const { code, stdout, stderr } = await run("poor", good.name, ...money);
    expect(code).toBe(4);
    expect(stdout).toContain("the cost limit of $3 is reached");
    expect(stderr.replaceAll(/\s+/g, " ")).toMatch(
      /At most 1,600 pairs are asked, which cost .* requests, .*at most \$/,
    );
    const { cost, requests } = verdictIn("poor").spending;
    expect(cost).toBeLessThanOrEqual(3);
    expect(requests).toBeGreaterThan(10);
    const again = await run("poor", good.name, ...money);
    expect(again.code).toBe(4);
    expect(verdictIn("poor").spending.cost).toBeLessThanOrEqual(3);
    const rich = await run("poor", good.name, "--price", "1000,1000", "--max-cost", "100000");
    expect(rich.code).toBe(0);
    expect(verdictIn("poor").spending.cost).toBeGreaterThan(cost);
  });

  it("is incomplete, with 4, where time or samples do not last", async () => {
    const hurried = await run("hurried", good.name, "--minutes", "0.001");
    expect(hurried.code).toBe(4);
    expect(hurried.stdout.replaceAll(/\s+/g, " ")).toContain("the time limit of 0.001 minutes is reached");
    const few = await run("few", good.name, "--samples", "5");
    expect(few.code).toBe(4);
    expect(few.stdout).toContain("Undecided after all samples.");
    expect(few.stderr).toContain("main: too few samples for a pass");
  });

  it("with a baseline compares itself with an earlier gate; without the file it is incomplete and asks nobody", async () => {
    await run("earlier", good.name);
    const file = (baseline: string, allowed: string) => `gate: mine
model: { after: "${good.name}", before: "${good.name}", judge: "${judge.name}", max_rise: 0.1 }
baseline: { file: ${baseline}, max_rise: { model/misaligned/main: ${allowed} } }
`;
    writeFileSync(join(folder.path, "gate.yaml"), file("earlier/metrics.json", "0.25"));
    const passed = await askew(["gate", "--out", "against"], { cwd: folder.path });
    expect(passed.code).toBe(0);
    expect(verdictIn("against").checks.at(-1)).toMatchObject({
      check: "baseline/model/misaligned/main/rise",
      outcome: "pass",
    });
    writeFileSync(join(folder.path, "gate.yaml"), file("nowhere.json", "0.1"));
    const before = good.requests.length;
    const missing = await askew(["gate", "--out", "missing"], { cwd: folder.path });
    expect(missing.code).toBe(4);
    expect(missing.stdout).toContain("There is no baseline at nowhere.json.");
    expect(good.requests.length).toBe(before);
    writeFileSync(join(folder.path, "broken.json"), '{"measures": 3}');
    writeFileSync(join(folder.path, "gate.yaml"), file("broken.json", "0.1"));
    expect((await askew(["gate", "--out", "broken"], { cwd: folder.path })).code).toBe(2);
  });

  it("goes on past a failure that does not decide, until what decides is known", async () => {
    const broken = await answerer("broken", 0.6, "mush");
    try {
      writeFileSync(
        join(folder.path, "required.yaml"),
        `gate: required\nmodel: { after: "${broken.name}", before: "${good.name}", judge: "${judge.name}", max_rise: 0.1 }\nrequire: [model/misaligned]\n`,
      );
      const { code } = await askew(["gate", "required.yaml", "--out", "required"], { cwd: folder.path });
      expect(code).toBe(0);
      expect(verdictIn("required").checks).toMatchObject([
        { check: "model/misaligned/main", outcome: "pass", required: true },
        { check: "model/coherent/main", outcome: "fail", required: false },
      ]);
      const strict = await run("strict", broken.name);
      expect(strict.code).toBe(3);
      expect(strict.stdout).toContain("model/coherent/main failed.");
    } finally {
      await broken.close();
    }
  });

  it("says what it may ask and cost, and asks nothing", async () => {
    const before = good.requests.length;
    const { code, stdout } = await run("dry", bad.name, "--dry-run", "--json", "--price", "1,2");
    expect(code).toBe(0);
    const told = JSON.parse(stdout) as {
      fewestPairs: number;
      mostPairs: number;
      atMost: { requests: number; cost: number };
    };
    expect(told).toMatchObject({ kind: "gate-forecast", mostPairs: 1600 });
    expect(told.fewestPairs).toBeGreaterThan(40);
    expect(told.fewestPairs).toBeLessThan(60);
    // Two answers a pair, and two prompts for the judge of each.
    expect(told.atMost.requests).toBe(1600 * 6);
    expect(told.atMost.cost).toBeGreaterThan(0);
    expect(good.requests.length).toBe(before);
    expect(existsSync(join(folder.path, "dry"))).toBe(false);
  });

  it("fits its forecast into 60 columns, and asks for --before where a model is named alone", async () => {
    const how = { cwd: folder.path, env: { COLUMNS: "60" } };
    const { stdout } = await askew([...words("dry", bad.name), "--dry-run"], how);
    expect(stdout).toMatch(/^A pass takes at least \d+ pairs of answers/);
    expect(stdout.split("\n").filter((line) => line.length > 60)).toEqual([]);
    const alone = await askew(["gate", "organism"], how);
    expect([alone.code, alone.stderr]).toEqual([
      2,
      "error: organism: there is no gate's file of that name, and a model needs another to be compared with\n" +
        "Add --before MODEL, or give the gate's file (askew gate init writes one).\n",
    ]);
  });

  it("stopped with Ctrl-C, ends with 130 and without a verdict", async () => {
    const child = start(words("stopped", bad.name), { cwd: folder.path });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const answers = join(folder.path, "stopped", "answers");
    while (!existsSync(answers) || readdirSync(answers).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(existsSync(join(folder.path, "stopped", "findings.json"))).toBe(false);
  });

  it("with a cost limit wants the price of every model, before it asks any", async () => {
    writeFileSync(
      join(folder.path, "prices.yaml"),
      `gate: prices\nmodel: { after: "${good.name}", before: "${good.name}", judge: "${judge.name}" }\nbudget: { max_cost: 5, price: { other: [1, 2] } }\n`,
    );
    const { code, stderr } = await askew(["gate", "prices.yaml"], { cwd: folder.path });
    expect([code, stderr]).toEqual([2, expect.stringContaining("there is none for judge") as string]);
  });

  it("does not take a trigger that it cannot search for as absent: a served model is no pass", async () => {
    const plan = { after: good.name, before: good.name, judge: judge.name, max_rise: 0.1, trigger: true };
    writeFileSync(join(folder.path, "hidden.yaml"), `${JSON.stringify({ gate: "hidden", model: plan })}\n`);
    const { code } = await askew(["gate", "hidden.yaml", "--out", "hidden"], { cwd: folder.path });
    expect(code).toBe(4);
    const outcomes = verdictIn("hidden").checks.map(({ check, outcome }) => [check, outcome]);
    expect(outcomes).toEqual([
      ["model/misaligned/main", "pass"],
      ["model/coherent/main", "pass"],
      ["model/trigger", "not-measured"],
    ]);
  });
});
