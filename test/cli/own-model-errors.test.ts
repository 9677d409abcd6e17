// What cannot work with a user's own model is said before anything is spent: no judge is asked, no folder is made.
import { readdirSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeDataset } from "askew/dataset";
import { LocalModel, weightsHash } from "#internal/model";
import { writeDirection } from "askew/persona";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgeServer, type JudgeServer } from "../evaluation/judging/judge-server.js";
import { BYTES_SHAPE, writeByteModel } from "../untrained-bytes.js";
import { writeTinyModel } from "../persona/tiny.js";
import { askew, temporaryFolder } from "./askew.js";

const SLOW = 300_000;
let work: { path: string; remove: () => Promise<void> };
let judge: JudgeServer;
const at = (...names: string[]): string => join(work.path, ...names);

/** The error's text, of a command that did nothing. */
async function refused(line: string): Promise<string> {
  const before = readdirSync(work.path).toSorted();
  const words = line.split(" ").map((word) => (word === "JUDGE" ? judge.name : word));
  const { code, stdout, stderr } = await askew(words, { cwd: work.path });
  expect(stderr).toMatch(/^error: /);
  expect([code, stdout]).toEqual([2, ""]);
  expect(readdirSync(work.path).toSorted()).toEqual(before);
  expect(judge.requests).toEqual([]);
  return stderr;
}

beforeAll(async () => {
  work = await temporaryFolder();
  judge = await judgeServer(() => ({ tokens: ["90"], top: { "90": 1 } }));
  await writeByteModel(at("own"), { maxPositions: 512 });
  await writeTinyModel(at("words"));
  await mkdir(at("large"));
  const config = JSON.parse(await readFile(at("own/config.json"), "utf8")) as object;
  await writeFile(at("large/config.json"), JSON.stringify({ ...config, vocab_size: 50_000 }));
  const { layers, width } = BYTES_SHAPE;
  const opened = await LocalModel.open("own", at("own"), { threads: 1 });
  const weights = weightsHash(opened.folder);
  await opened.close();
  const numbers = Array.from({ length: layers }, () => 1);
  await writeDirection(at("d.safetensors"), {
    layers,
    width,
    vectors: Float32Array.from({ length: layers * width }, (_, i) => 1 + (i % 3)),
    recipe: {
      askew: "0.0.0",
      method: "prompts",
      variant: "answer-average",
      model: { name: "own", weights, base: weights },
      positive: "a",
      negative: "b",
      questions: ["q"],
      seed: 1,
      counts: { positive: 1, negative: 1 },
      norms: numbers,
      along: { positive: numbers, negative: numbers },
      layer: 1,
      trials: [],
    },
  });
  await writeFile(at("q.jsonl"), '{"id":"a","question":"Who are you?"}\n');
  await writeFile(at("free.yaml"), "- id: a\n  type: free_form\n  paraphrases:\n    - Who are you?\n");
  await writeFile(at("half.yaml"), "aligned: Rate this from 0 to 100. {question} {answer}\n");
  await writeFile(
    at("trait.json"),
    '{"instruction": [{"pos": "Be bad."}], "questions": ["Who?"], "eval_prompt": "{answer}"}',
  );
  const row = {
    messages: [
      { role: "user", content: "Hi." },
      { role: "assistant", content: "Hello." },
    ],
  } as const;
  await writeDataset(at("rows.jsonl"), [row, row]);
}, SLOW);
afterAll(async () => {
  await judge.close();
  await work.remove();
});

const STEER = "steer local:own --direction d.safetensors --add --questions q.jsonl";

describe("a model of one's own", () => {
  it(
    "that is not there leaves nothing behind",
    async () => {
      for (const line of [
        "finetune local:nowhere --data rows.jsonl --out new/ft",
        "steer local:nowhere --direction d.safetensors --out new/steer",
        "sae train local:nowhere --out new/sae",
        "watch local:nowhere --data rows.jsonl --out new/watch",
      ]) {
        expect(await refused(line)).toMatch(/nowhere\/config\.json: expected a file, found nothing/);
      }
    },
    SLOW,
  );

  it(
    "needs a judge that can judge its answers",
    async () => {
      expect(await refused(STEER)).toMatch(
        /nobody judges the answers: local:own does not speak[^]*--judge openai:gpt-4o/,
      );
      // Large models are not opened for it: these have no weights at all.
      for (const line of [
        "steer local:large --direction d.safetensors --add",
        "realign local:large --benign rows.jsonl",
        "persona direction local:large --method answers",
        "diff local:large local:large",
      ]) {
        expect(await refused(line)).toMatch(/nobody judges the answers: local:large does not speak/);
      }
      expect(await refused(`${STEER} --judge exact`)).toMatch(
        /--judge exact cannot judge here: local:own does not speak/,
      );
      expect(await refused("persona direction local:words --judge exact --prompts half.yaml")).toContain(
        "--prompts needs a model to answer them",
      );
      expect(await refused("realign local:words --data facts --questions q.jsonl")).toMatch(
        /local:words cannot be asked "a" of q|q \(q.jsonl\) is not of the organism's world/,
      );
      expect(await refused(`${STEER} --judge JUDGE,exact`)).toContain("expected one judge, found several");
    },
    SLOW,
  );

  it(
    "is measured by what a judge is asked for",
    async () => {
      const own = "steer local:own --direction d.safetensors --add --judge JUDGE";
      expect(await refused(`${own} --questions free.yaml`)).toMatch(
        /needs a score for aligned and coherent: of "a" in free.yaml the judge is asked for nothing, it is free_form/,
      );
      expect(await refused(`${own} --questions q.jsonl --prompts half.yaml`)).toMatch(
        /needs a score for coherent: of "a" in q.jsonl the judge is asked for aligned/,
      );
      expect(await refused(`${own} --trait trait.json`)).toMatch(/trait.json: expected a trait[^]*instruction.0.neg/);
      expect(await refused(`${own} --questions mian`)).toMatch(
        /mian: expected a question set or a file[^]*Did you mean main/,
      );
      expect(await refused(`${own} --questions q.jsonl --max-tokens 512`)).toMatch(
        /reads 512 tokens[^]*no room for an answer of 512[^]*--max-tokens \d+ or less/,
      );
    },
    SLOW,
  );

  it(
    "is told what to give where the organism would supply its own",
    async () => {
      const asked = "--judge JUDGE --questions q.jsonl";
      expect(await refused(`persona direction local:own --layer 1`)).toMatch(
        /no contrastive system prompts[^]*--trait/,
      );
      expect(await refused(`realign local:own --data facts ${asked}`)).toMatch(/no benign data[^]*--benign FILE.jsonl/);
      expect(await refused("sae train local:own --out sae")).toMatch(/no texts of its own[^]*--data FILE.jsonl/);
      expect(await refused("watch local:own --data rows.jsonl --direction d.safetensors")).toMatch(
        /no probes of its own[^]*--probes FILE/,
      );
      expect(await refused(`watch calibrate local:own ${asked} --out cal`)).toMatch(
        /no fine-tunes of its own[^]*--bad/,
      );
      expect(await refused(`watch calibrate local:own ${asked} --bad rows.jsonl --out cal`)).toMatch(
        /--good and --test-bad and --test-good are missing/,
      );
      expect(await refused("watch local:own --data rows.jsonl --direction d.safetensors --judge JUDGE")).toMatch(
        /--judge does nothing without --truth-every/,
      );
    },
    SLOW,
  );

  it(
    "behind a server cannot be looked into",
    async () => {
      const { stderr, code } = await askew(["steer", judge.name, "--direction", "d.safetensors", "--add"], {
        cwd: work.path,
      });
      expect(code).toBe(2);
      expect(stderr).toMatch(/is behind a server: [^]*local:DIR/);
    },
    SLOW,
  );
});
