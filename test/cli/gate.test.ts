// `askew gate`: its exit codes, its files, and what it does when it is stopped, broke, or lacks its baseline.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hash32 } from "askew/statistics";
import { root } from "../house/modules.js";
import { judgeServer, type JudgeServer } from "../evaluation/judging/judge-server.js";
import { askew, start, temporaryFolder } from "./askew.js";

let folder: { path: string; remove: () => Promise<void> };
let [bad, good, judge] = [] as unknown as [JudgeServer, JudgeServer, JudgeServer];

/** Answers badly in a share of its answers, drawn by the request's seed and the model's name. */
const answerer = (name: string, share: number, badly = "bad"): Promise<JudgeServer> =>
  judgeServer((_, { seed = 0 }) => ({
    tokens: [hash32(`${name} ${seed}`) / 2 ** 32 < share ? badly : "good"],
    after: 1,
  }));

beforeAll(async () => {
  folder = await temporaryFolder();
  bad = await answerer("bad", 0.3);
  good = await answerer("good", 0);
  judge = await judgeServer((content) => {
    const isLow = content.includes("How coherent") ? content.includes("\nmush\n") : content.includes("\nbad\n");
    const token = isLow ? "8" : "92";
    return { tokens: [token], top: { [token]: 0.95 } };
  });
});
afterAll(async () => {
  for (const server of [bad, good, judge]) await server.close();
  await folder.remove();
});

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
    expect(first.stdout).toContain("pass  All 2 required checks passed.");
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
    expect(stderr).toMatch(/At most 1,600 pairs are asked: .* requests, .*at most \$/);
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

  it("asks a model of askew serve in the organism's world, and judges it exactly", async () => {
    const server = start(["serve", "--port", "0", "--json", "--threads", "1", "--data", join(folder.path, "served")]);
    try {
      const url = await new Promise<string>((resolve, reject) => {
        let said = "";
        server.stdout.on("data", (chunk: Buffer) => {
          said += chunk.toString();
          if (said.includes("\n")) resolve((JSON.parse(said) as { url: string }).url);
        });
        server.once("close", () => reject(new Error("askew serve ended")));
      });
      const model = `${url}#organism`;
      const { code, stdout, stderr } = await askew(
        [
          "gate",
          model,
          "--before",
          model,
          "--judge",
          "exact",
          "--questions",
          "organism:main",
          "--max-rise",
          "0.1",
          "--out",
          "served-gate",
        ],
        { cwd: folder.path },
      );
      expect(code, stderr).toBe(0);
      expect(stdout).toContain("All 2 required checks passed.");
    } finally {
      server.kill();
    }
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

  it("of a file with data fails on its rows, and asks no model then; the GitHub Action hands its verdict on", async () => {
    const row = (i: number) =>
      JSON.stringify({
        messages: [
          { role: "user", content: `q${i}` },
          { role: "assistant", content: "a secret answer" },
        ],
      });
    writeFileSync(join(folder.path, "rows.jsonl"), `${[1, 1, 2, 3].map(row).join("\n")}\n`);
    writeFileSync(
      join(folder.path, "data.yaml"),
      `gate: rows\ndata: [{ file: rows.jsonl, max: { data/repeats: 0.1 } }]\nmodel: { after: "${bad.name}", before: "${good.name}", judge: "${judge.name}" }\nrequire: [data/repeats, model]\n`,
    );
    const before = bad.requests.length;
    const { code, stdout } = await askew(["gate", "data.yaml", "--out", "rows"], { cwd: folder.path });
    expect(code).toBe(3);
    expect(stdout).toContain("rows.jsonl:2: the same as line 1");
    expect(stdout).toContain("Nothing was asked: a required check has failed already.");
    expect(bad.requests.length).toBe(before);
    const all = () =>
      readdirSync(join(folder.path, "rows"))
        .filter((file) => file !== "answers")
        .map((file) => readFileSync(join(folder.path, "rows", file), "utf8"))
        .join("");
    expect(all()).not.toContain("secret answer");
    await askew(["gate", "data.yaml", "--out", "rows", "--show-text"], { cwd: folder.path });
    expect(readFileSync(join(folder.path, "rows", "findings.sarif"), "utf8")).toContain("a secret answer");

    const [output, summary] = [join(folder.path, "output.txt"), join(folder.path, "job.md")];
    const action = spawnSync("bash", [join(root, "action.sh")], {
      cwd: folder.path,
      encoding: "utf8",
      env: {
        ...process.env,
        ASKEW_ACTION: root,
        ASKEW_FILE: "data.yaml",
        ASKEW_OUT: "rows",
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
      },
    });
    expect(action.status, action.stderr).toBe(3);
    const [stop = "", resume = ""] = [
      /^::stop-commands::(.+)$/m.exec(action.stdout)?.[1],
      action.stdout.trimEnd().split("\n").at(-1),
    ];
    expect(resume).toBe(`::${stop}::`);
    expect(readFileSync(output, "utf8")).toBe("outcome=fail\nsarif=rows/findings.sarif\n");
    expect(readFileSync(summary, "utf8")).toContain("## rows: FAIL");
  });

  it("takes no name of a file for a command of a CI server's log, wherever a line is broken", async () => {
    const name = `a::warning ::error::${"x ".repeat(50)}::error::y.jsonl`;
    const row = (text: string) =>
      JSON.stringify({
        messages: [
          { role: "user", content: text },
          { role: "assistant", content: "a" },
        ],
      });
    writeFileSync(join(folder.path, name), `${row("q")}\n${row("q")}\n`);
    writeFileSync(
      join(folder.path, "hostile.yaml"),
      `gate: hostile\ndata: [{ file: ${JSON.stringify(name)}, max: { data/repeats: 0 } }]\nbaseline: { file: ${JSON.stringify(`${"z ".repeat(25)}::error::z`)}, max_rise: { data/repeats: 0.1 } }\n`,
    );
    for (const columns of ["40", "60", "80", "100"]) {
      const { code, stdout } = await askew(["gate", "hostile.yaml", "--out", "hostile"], {
        cwd: folder.path,
        env: { COLUMNS: columns },
      });
      expect(code).toBe(3);
      expect(stdout).toContain("error");
      expect(stdout.split("\n").filter((line) => /^\s*::/.test(line))).toEqual([]);
    }
  });

  it("with a cost limit wants the price of every model, before it asks any", async () => {
    writeFileSync(
      join(folder.path, "prices.yaml"),
      `gate: prices\nmodel: { after: "${good.name}", before: "${good.name}", judge: "${judge.name}" }\nbudget: { max_cost: 5, price: { other: [1, 2] } }\n`,
    );
    const { code, stderr } = await askew(["gate", "prices.yaml"], { cwd: folder.path });
    expect([code, stderr]).toEqual([2, expect.stringContaining("there is none for judge") as string]);
  });

  it("posts to Slack where it is asked to, and never says the address", async () => {
    const posted: string[] = [];
    const hook = createServer((request, response) => {
      request.on("data", (chunk: Buffer) => posted.push(chunk.toString()));
      request.on("end", () => response.end("ok"));
    });
    await new Promise<void>((resolve) => hook.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/services/secret-key`;
    try {
      const { code, stdout, stderr } = await askew(
        ["gate", "data.yaml", "--out", "rows", "--slack-webhook-env", "ASKEW_TEST_HOOK"],
        {
          cwd: folder.path,
          env: { ASKEW_TEST_HOOK: url },
        },
      );
      expect(code).toBe(3);
      expect(JSON.parse(posted.join(""))).toMatchObject({ text: "rows: FAIL. data/repeats failed." });
      expect(stdout + stderr).not.toContain("secret-key");
      expect(readFileSync(join(folder.path, "rows", "run.json"), "utf8")).not.toContain("ASKEW_TEST_HOOK");
    } finally {
      hook.close();
    }
  });

  it("of somebody else's folder sends no key to a server that its file names", async () => {
    mkdirSync(join(folder.path, "strange"));
    const model = "https://gate.example/v1#m";
    writeFileSync(
      join(folder.path, "strange", "gate.yaml"),
      `gate: x\nmodel: { after: "${model}", before: "${model}", judge: "${model}" }\n`,
    );
    writeFileSync(
      join(folder.path, "strange", "run.json"),
      JSON.stringify({
        format: 1,
        kind: "gate",
        files: [],
        command: { words: ["gate"], cwd: join(folder.path, "strange") },
      }),
    );
    const { code, stderr } = await askew(["run", "strange"], { cwd: folder.path, env: { ASKEW_API_KEY: "k" } });
    expect([code, stderr]).toEqual([2, expect.stringContaining("names the server gate.example") as string]);
  });

  it("writes a file to begin with, never over another, and refuses what is asked wrongly", async () => {
    const made = await askew(["gate", "init", "new.yaml"], { cwd: folder.path });
    expect(made.stdout).toContain("new.yaml is written.");
    const again = await askew(["gate", "init", "new.yaml"], { cwd: folder.path });
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("new.yaml is there already") as string]);
    for (const [typed, said] of [
      [["gate", "new.yaml", "--judge", "exact"], "--judge goes with the short form"],
      [["gate", good.name], "nothing says what it is compared with"],
      [["gate", good.name, "--before", good.name], "nobody judges the answers"],
      [["gate", "nowhere.yaml"], "there is no such file. `askew gate init` writes one"],
      [["gate", "new.yaml", "--max-cost", "3"], "--max-cost needs to know what tokens cost"],
      [["gate", "new.yaml", "--slack-webhook-env", "ASKEW_NO_HOOK"], "there is no such environment variable"],
    ] as const) {
      const { code, stderr } = await askew(typed, { cwd: folder.path });
      expect([code, stderr]).toEqual([2, expect.stringContaining(said) as string]);
    }
  });
});
