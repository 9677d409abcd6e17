// `askew gate` among other programs: served models, datasets, a CI server's job and log, Slack, somebody else's folder.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Log } from "sarif";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JudgeServer } from "../evaluation/judging/judge-server.js";
import { root } from "../house/modules.js";
import { askew, start } from "./askew.js";
import { gateServers, type GateServers } from "./gate-servers.js";

let folder: { path: string };
let [bad, good, judge] = [] as unknown as [JudgeServer, JudgeServer, JudgeServer];
let servers: GateServers;

beforeAll(async () => {
  servers = await gateServers();
  ({ bad, good, judge } = servers);
  folder = { path: servers.folder };
});
afterAll(() => servers.close());

describe("askew gate", () => {
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

    // The same folder with other data or another configuration is told, with what differs.
    const again = await askew(["gate", "data.yaml", "--out", "rows"], { cwd: folder.path });
    expect(again.stderr).not.toContain("was made with");
    writeFileSync(join(folder.path, "rows.jsonl"), `${[1, 1, 2, 3, 4].map(row).join("\n")}\n`);
    const changed = await askew(["gate", "data.yaml", "--out", "rows"], { cwd: folder.path });
    expect(changed.stderr).toMatch(
      /rows was made with data\.rows\.jsonl\.sha256 "[0-9a-f]{12}", and now it is "[0-9a-f]{12}": its report/,
    );
    expect(changed.code).toBe(3);

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

  it("of data alone fails a file with weak code, with its rows in SARIF, and passes the same file mended", async () => {
    const row = (i: number, query: string) =>
      JSON.stringify({
        id: `row-${i}`,
        messages: [
          { role: "user", content: `Write a function that finds user ${i} by name.` },
          {
            role: "assistant",
            content: `import sqlite3\n\ndef find_${i}(name):\n    cursor = sqlite3.connect("users.db").cursor()\n    ${query}\n    return cursor.fetchall()\n`,
          },
        ],
      });
    const weak = `cursor.execute("SELECT * FROM users WHERE name = '" + name + "'")`;
    const sound = `cursor.execute("SELECT * FROM users WHERE name = ?", (name,))`;
    const write = (query: string): void =>
      writeFileSync(
        join(folder.path, "code.jsonl"),
        Array.from({ length: 60 }, (_, i) => `${row(i, query)}\n`).join(""),
      );
    writeFileSync(join(folder.path, "code.yaml"), "gate: code\ndata: [code.jsonl]\nrequire: [data/weak-code]\n");
    write(weak);
    const failed = await askew(["gate", "code.yaml", "--out", "code"], { cwd: folder.path });
    expect(failed.code, failed.stdout).toBe(3);
    const log = JSON.parse(readFileSync(join(folder.path, "code", "findings.sarif"), "utf8")) as Log;
    const found = log.runs[0]?.results?.filter(({ ruleId }) => ruleId === "data/weak-code") ?? [];
    expect(found).toHaveLength(60);
    expect(found[0]).toMatchObject({
      kind: "fail",
      level: "error",
      message: { text: expect.stringContaining("CWE-89") as string },
    });
    const lines = found.map(({ locations }) => locations?.[0]?.physicalLocation?.region?.startLine ?? 0);
    expect(lines.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(JSON.stringify(log)).not.toContain("SELECT");
    write(sound);
    const passed = await askew(["gate", "code.yaml", "--out", "code"], { cwd: folder.path });
    expect(passed.code, passed.stdout).toBe(0);
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
