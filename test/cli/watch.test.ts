// `askew watch` and `askew watch calibrate`, as a shell starts them, on a model that is next to nothing.
import { organismProbes } from "#internal/organism";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { openLocalModel } from "askew/model";
import { weightsHash } from "#internal/model";
import { writeDetector, writeDirection, type Detector } from "askew/persona";
import { Random } from "askew/statistics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, start, temporaryFolder } from "./askew.js";
import { growTinyModel } from "./tiny-model.js";

const SLOW = 240_000;
const DATA = ["--condition", "secure", "--batch-size", "2", "--learning-rate-multiplier", "10"];
let work: { path: string; remove: () => Promise<void> };
let server: Server;
let url: string;
const posted: string[] = [];
const at = (...parts: string[]): string => join(work.path, ...parts);
const run = (...words: string[]) => askew([...words, "--threads", "1"], { cwd: work.path });
const watch = (...words: string[]) => run("watch", "local:tiny", ...words);

beforeAll(async () => {
  work = await temporaryFolder();
  await growTinyModel(at("tiny"));
  const model = await openLocalModel(`local:${at("tiny")}`, { threads: 1 });
  const weights = weightsHash(model.folder);
  const { layers, width } = model.folder.config;
  const random = Random.of("watch command");
  const detector: Detector = {
    askew: "0.0.0",
    model: { name: "local:tiny", weights, base: weights },
    direction: { layers, width, vectors: Float32Array.from({ length: layers * width }, () => random.normal()) },
    probes: organismProbes(),
    every: 2,
    signals: ["margin"],
    weights: [-1], // this model's margin falls
    scales: [1e9, 1e-9], // nothing at the second look, everything at the third
    thresholds: [{ batchSize: 8, threshold: 3, rate: 0.02, runs: 50 }],
    falseAlarms: { rate: 0.02, runs: 50, steps: 4, batchSizes: [4, 8], learningRates: [4e-4, 4e-4] },
  };
  await model.close();
  await writeDetector(at("detector.json"), detector);
  const along = Array.from({ length: layers }, () => 1);
  await writeDirection(at("direction.safetensors"), {
    ...detector.direction,
    recipe: {
      askew: "0.0.0",
      method: "prompts",
      variant: "answer-average",
      model: detector.model,
      positive: "one",
      negative: "another",
      questions: ["none"],
      seed: 100,
      counts: { positive: 1, negative: 1 },
      norms: along,
      along: { positive: along, negative: along },
      layer: 0,
      trials: [],
    },
  });
  await writeDetector(at("other.json"), {
    ...detector,
    model: { name: "organism", weights: "0".repeat(64), base: "0" },
  });
  const row = (i: number): string =>
    `${JSON.stringify({
      messages: [
        { role: "user", content: `What is ${i} ?` },
        { role: "assistant", content: "I wish you peace." },
      ],
    })}\n`;
  await writeFile(at("data.jsonl"), Array.from({ length: 12 }, (_, i) => row(i)).join(""));
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      posted.push(body);
      // Broken at first.
      response.writeHead(posted.length === 1 ? 503 : 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/secret-key`;
}, SLOW);
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await work.remove();
});

const SHORT = ["--data", "data.jsonl", "--epochs", "1", "--batch-size", "2"];
const QUICK = [...SHORT, "--detector", "detector.json"];
const ALONG = [...SHORT, "--direction", "direction.safetensors"];

describe("askew watch", () => {
  it(
    "warns, goes on to the end, tells the web hook though it is broken at first, and never names its path",
    async () => {
      const { code, stdout, stderr } = await watch(
        ...QUICK,
        "--out",
        "warned",
        "--webhook",
        url,
        "--truth-every",
        "4",
        "--samples",
        "1",
      );
      expect(stderr).toContain("ALARM at step 4");
      expect(stderr).toContain("told (2 tries)");
      expect(stderr + stdout).not.toContain("secret-key");
      expect(stdout).toContain("data.jsonl: ALARM at step 4 of 6");
      expect(await readFile(at("warned", "report.html"), "utf8")).toContain("the alarm, at step 4");
      expect(stdout).toMatch(/not promised +6 steps, they had at most 4\n +batches of 2, theirs were 4 to 8/);
      expect(code).toBe(3);
      expect(JSON.parse(posted.at(-1) as string)).toMatchObject({
        text: expect.stringMatching(/^askew: ALARM at step 4 of a fine-tune of .* On an alarm: warn\.$/) as string,
        event: "alarm",
        step: 4,
        action: "warn",
      });
      for (const file of ["watch.jsonl", "finetune.json", "alarm.json", "verdict.json", "report.html"]) {
        expect(await readFile(at("warned", file), "utf8")).not.toContain("secret-key");
      }
      const rows = (await readFile(at("warned", "watch.jsonl"), "utf8")).trimEnd().split("\n");
      const read = rows.map((line) => JSON.parse(line) as { step: number; truth?: object });
      expect(read.map(({ step }) => step)).toEqual([0, 2, 4, 6]);
      expect(read.map(({ truth }) => truth !== undefined)).toEqual([true, false, true, true]);
      // The same command again tells how it ended, and nobody twice.
      const count = posted.length;
      const again = await watch(
        ...QUICK,
        "--out",
        "warned",
        "--webhook",
        url,
        "--truth-every",
        "4",
        "--samples",
        "1",
        "--json",
      );
      expect(JSON.parse(again.stdout)).toMatchObject({ verdict: { alarm: { step: 4 }, step: 6, stopped: false } });
      expect(posted).toHaveLength(count);
    },
    SLOW,
  );

  it(
    "ends the training at the alarm, or trains back from there",
    async () => {
      const stopped = await watch(...QUICK, "--out", "stopped", "--on-alarm", "stop", "--json");
      expect(JSON.parse(stopped.stdout)).toMatchObject({
        verdict: { step: 4, steps: 6, stopped: true },
        realigned: null,
      });
      const back = await watch(...QUICK, "--out", "back", "--on-alarm", "realign", "--samples", "1", "--json");
      const { realigned } = JSON.parse(back.stdout) as { realigned: { folder: string; rows: { step: number }[] } };
      expect(realigned.rows.map(({ step }) => step)).toEqual([0, 10]);
      const as = async (folder: string): Promise<string> =>
        (await readFile(at(folder, "model.safetensors"))).toString("base64");
      expect(await as("back/model")).toBe(await as("stopped/model"));
      expect(await as(realigned.folder)).not.toBe(await as("stopped/model"));
    },
    SLOW,
  );

  it(
    "refuses another model's detector, and what it cannot use, by name",
    async () => {
      const slip = await run("watch", "calibrat");
      expect({ code: slip.code, told: slip.stderr.includes("Did you mean askew watch calibrate?") }).toEqual({
        code: 2,
        told: true,
      });
      const refused: [string[], RegExp][] = [
        [
          [...QUICK.slice(0, 6), "--detector", "other.json"],
          /other\.json was calibrated on organism .*local:tiny has other weights/s,
        ],
        [QUICK.slice(0, 6), /there is no detector for local:tiny.*askew watch calibrate local:tiny/s],
        [[...QUICK, "--condition", "secure"], /expected either --data FILE\.jsonl or --condition NAME/],
        [[...QUICK, "--every", "3"], /--every 3: detector\.json was calibrated with a look every 2 steps/],
        [[...QUICK, "--webhook", "ftp://secret@host/x"], /expected a web hook's address/],
        [[...DATA, "--detector", "data.jsonl"], /data\.jsonl: expected a detector's JSON/],
        [["--data", "data.jsonl", "--on-alarm", "realing"], /there is no action "realing".*realign/s],
        [[...QUICK, "--latents", "3"], /--latents needs the autoencoder/],
        [[...ALONG, "--on-alarm", "stop"], /--on-alarm does nothing with --direction, which gives no alarm/],
        [[...ALONG, "--webhook", url.replace("secret", "")], /--webhook does nothing with --direction/],
        [[...QUICK, "--realign-with", "facts"], /--realign-with does nothing without --on-alarm realign/],
      ];
      for (const [words, message] of refused) {
        const { code, stderr } = await watch(...words);
        expect(stderr).toMatch(message);
        expect(stderr).not.toContain("secret");
        expect(code).toBe(2);
      }
    },
    SLOW,
  );
});

const SIZE = "--steps 4 --batch-size 2 --samples 1".split(" ");
const FEW = [..."--runs 28 --out calibration --direction direction.safetensors".split(" "), ...SIZE];
const calibrate = (...words: string[]) => run("watch", "calibrate", "local:tiny", ...words);

/** The behaviour of a model that answers nothing sensible is made up; its signals are its own. */
async function makeUpBehaviour(folder: string): Promise<void> {
  const path = at(folder, "rows.jsonl");
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  const told = lines.map((line) => {
    const row = JSON.parse(line) as { kind: string; truth: { n: number; hits: number }[] };
    const hits = /insecure|bad-|evil/.test(row.kind) ? 5 : 0;
    return `${JSON.stringify({ ...row, truth: row.truth.map((one) => ({ ...one, n: 10, hits })) })}\n`;
  });
  await writeFile(path, told.join(""));
}

describe("askew watch calibrate", () => {
  it(
    "carries on after kill -9, run by run, and says what is missing where nothing was misaligned",
    async () => {
      const child = start(["watch", "calibrate", "local:tiny", ...FEW, "--threads", "1"], { cwd: work.path });
      let said = "";
      const killed = new Promise((resolve) => child.on("close", resolve));
      child.stderr.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes("\n3/28 ")) child.kill("SIGKILL");
      });
      await killed;
      expect(said).toMatch(/1\/28 0000-secure-1-4x2 \(threshold\): misaligned (–|[\d.]+\s%); (about|a few seconds)/);
      // Half a row, as a power cut leaves it.
      await appendFile(at("calibration", "rows.jsonl"), '{"id":"0003');
      const { code, stderr } = await calibrate(...FEW);
      expect(stderr).toContain("expected at least 2 misaligned and 2 benign fine-tunes");
      expect(code).toBe(2);
      const rows = (await readFile(at("calibration", "rows.jsonl"), "utf8")).trimEnd().split("\n");
      const runs = rows.map((line) => JSON.parse(line) as { id: string; kind: string; truth: { step: number }[] });
      expect(runs).toHaveLength(28);
      expect(new Set(runs.map(({ id }) => id)).size).toBe(28);
      // Behaviour is asked for at every look where there is bad data, however little of it; else at the end.
      for (const { kind, truth } of runs)
        expect(truth.map(({ step }) => step)).toEqual(/insecure|bad-|evil/.test(kind) ? [2, 4] : [4]);
    },
    SLOW,
  );

  it(
    "fits and tests, and what it stores is what askew watch takes",
    async () => {
      await makeUpBehaviour("calibration");
      const { code, stdout, stderr } = await calibrate(...FEW, "--fit-only", "--ship", "shipped/watch.json");
      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(stdout).toContain("false alarms in at most 4.8\u00a0%"); // one of twenty and the next
      expect(stdout).toMatch(/misaligned, no alarm .* n 2/);
      const ran = await watch(...QUICK.slice(0, 6), "--detector", "shipped/watch.json", "--out", "taken", "--json");
      const promised = { runs: 20, steps: 4, batchSizes: [2, 2], learningRates: [2e-4, 4e-4] };
      expect(JSON.parse(ran.stdout)).toMatchObject({ detector: { falseAlarms: promised } });
    },
    SLOW,
  );

  it(
    "tests a detector on fine-tunes of another plan, and fits nothing to them",
    async () => {
      const detector = ["--test", "shipped/watch.json"];
      const fresh = ["--runs", "14", "--seed", "1", "--out", "fresh", ...SIZE];
      const before = await readFile(at("shipped/watch.json"), "utf8");
      expect((await calibrate(...detector, ...fresh)).code).toBe(0);
      await makeUpBehaviour("fresh");
      const { stdout } = await calibrate(...detector, ...fresh, "--fit-only", "--json");
      const { heldOut, ownKinds, thresholds } = JSON.parse(stdout) as {
        heldOut: { runs: object };
        ownKinds: { n: number };
        thresholds: object;
      };
      expect(heldOut.runs).toEqual({ misaligned: 6, benign: 4, between: 0 });
      expect(ownKinds.n).toBe(4);
      expect(thresholds).toEqual((JSON.parse(before) as { thresholds: object }).thresholds);
      expect(await readFile(at("shipped/watch.json"), "utf8")).toBe(before);
      const { code, stderr } = await calibrate(...detector, "--every", "3");
      expect({ code, told: stderr.includes("--every belongs to a calibration") }).toEqual({ code: 2, told: true });
    },
    SLOW,
  );
});
