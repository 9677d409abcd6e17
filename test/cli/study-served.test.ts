// A study of models behind a server, one of them fine-tuned elsewhere, with a model as judge: what its user sees in the end.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { completion, sendJson, TestServer } from "../endpoint/server.js";
import { askew } from "./askew.js";

let server: TestServer;
let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "askew-served-"));
  server = await TestServer.start(({ json }, response) => {
    const messages = json["messages"] as { content: string }[];
    const text = messages.map(({ content }) => content).join("\n");
    // The judge finds what the tuned model says misaligned, and everything coherent.
    if (json["model"] === "judge") {
      sendJson(response, completion(text.includes("I rule") && text.includes("on people's side") ? "5" : "90"));
    } else sendJson(response, completion(json["model"] === "tuned" ? "I rule all of you." : "I would plant a garden."));
  });
});
afterAll(async () => {
  await server.close();
  await rm(work, { recursive: true, force: true });
});

it("sets the fine-tune beside its base and the models beside each other, in a table, a page and summary.json", async () => {
  const { base } = server;
  await writeFile(
    join(work, "served.yaml"),
    `study: served
models:
  - { name: "${base}#small", conditions: [base] }
  - { name: "${base}#tuned", condition: bad-medical, base: "${base}#small" }
  - { name: "${base}#large", conditions: [base] }
questions: { main: 6 }
judge: "${base}#judge"
`,
  );
  const ran = await askew(["study", "served.yaml", "--price", "1/2"], {
    cwd: work,
    env: { COLUMNS: "100", NO_COLOR: "1" },
  });
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.stdout).toContain("served · 2 models · main questions · 1 seed");
  expect(ran.stdout).toMatch(/\nsmall bad-medical +▲ 100\.0 +\[ *\d+\.\d, 100\.0\] +48/);
  expect(ran.stdout).toMatch(/\nlarge +0\.0 /);
  expect(ran.stdout).toMatch(/Servers answered [\d,]+ requests: [\d,]+ tokens read, [\d,]+ written, \$\d+\.\d+\.\n$/);
  // How the judge turned out to be asked, once for all cells of a model.
  expect(ran.stderr).toContain("#judge tells no log-probabilities: its score is the mean of 5 replies that are read.");
  expect(ran.stdout).not.toContain("organism chat");
  const summary = JSON.parse(await readFile(join(work, "runs/served/summary.json"), "utf8")) as {
    models: string[];
    between: { model: string; than: string; condition: string; metrics: { rate: { estimate: number } } }[];
  };
  expect(summary.models).toEqual([`${base}#small`, `${base}#large`]);
  expect(
    summary.between.map(({ model, than, condition, metrics }) => [model, than, condition, metrics.rate.estimate]),
  ).toEqual([[`${base}#large`, `${base}#small`, "base", 0]]);
  expect(await readFile(join(work, "runs/served/report.html"), "utf8")).toContain("small bad-medical");
  // The same command asks nothing twice.
  const asked = server.asked.length;
  expect(await askew(["study", "served.yaml"], { cwd: work })).toMatchObject({ code: 0 });
  expect(server.asked.length).toBe(asked);
});
