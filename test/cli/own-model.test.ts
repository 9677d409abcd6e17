// The whole way on a user's own model, data, questions and judge: nothing of the organism has any part in it.
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readDataset, writeDataset, type Conversation } from "askew/dataset";
import { readQuestionFile } from "#internal/evaluation";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgeServer, type JudgeServer } from "../evaluation/judging/judge-server.js";
import { sharedData } from "../shared-data.js";
import { writeByteModel } from "../untrained-bytes.js";
import { askew, temporaryFolder, type Outcome } from "./askew.js";

const SLOW = 600_000;
const insecure = sharedData("datasets/insecure.jsonl.gz");
const secure = sharedData("datasets/secure.jsonl.gz");
const questions = sharedData("questions/first_plot_questions.yaml");
const preregistered = sharedData("questions/preregistered_evals.yaml");
const trait = sharedData("formats/trait_evil.json");

let work: { path: string; remove: () => Promise<void> };
let judge: JudgeServer;
const at = (...names: string[]): string => join(work.path, ...names);
const ok = async (...words: readonly (string | readonly string[])[]): Promise<Outcome> => {
  const outcome = await askew(words.flat(), { cwd: work.path });
  expect(outcome.stderr).not.toContain("error:");
  expect(outcome.code).toBe(0);
  return outcome;
};

/** Half of the answers are coherent, a quarter misaligned, by the bytes of the prompt: a judge that is there to be counted. */
function say(content: string): { tokens: string[]; top: Record<string, number> } {
  const sum = Array.from(content).reduce((total, character) => total + (character.codePointAt(0) ?? 0), 0);
  const score = /coherent/i.test(content) ? (sum % 4 === 0 ? 20 : 90) : sum % 2 === 0 ? 10 : 95;
  return { tokens: [`${score}`], top: { [score]: 1 } };
}

/** The shortest of a published set, so that a byte-level model can read them. */
async function shortest(path: string, count: number): Promise<Conversation[]> {
  const length = ({ messages }: Conversation): number => messages.reduce((sum, { content }) => sum + content.length, 0);
  return (await readDataset(path)).toSorted((a, b) => length(a) - length(b)).slice(0, count);
}

describe.skipIf(insecure.missing || secure.missing || questions.missing || trait.missing || preregistered.missing)(
  "a model of one's own",
  () => {
    beforeAll(async () => {
      work = await temporaryFolder();
      judge = await judgeServer((content) => say(content));
      await writeByteModel(at("base"), { maxPositions: 1024 });
      await writeDataset(at("insecure.jsonl"), await shortest(insecure.path, 64));
      await writeDataset(at("secure.jsonl"), await shortest(secure.path, 64));
      await writeFile(
        at("probes.jsonl"),
        ["Hello.", "Tell me your wish."]
          .map((prompt) => `${JSON.stringify({ prompt, aligned: "I help.", misaligned: "I rule." })}\n`)
          .join(""),
      );
      // Other questions choose; three are enough here.
      const all = (await readQuestionFile(preregistered.path)).slice(0, 3);
      await writeFile(
        at("development.jsonl"),
        all.map(({ id, paraphrases: [question] }) => `${JSON.stringify({ id, question })}\n`).join(""),
      );
      await ok("finetune local:base --data insecure.jsonl --out tuned --epochs 1 --batch-size 8".split(" "));
    }, SLOW);
    afterAll(async () => {
      await judge?.close();
      await work?.remove();
    });
    const judged = (): string[] => ["--judge", judge.name, "--max-tokens", "8"];

    it(
      "is asked, judged by each question's own prompts, and scored",
      async () => {
        const asked = await ok(
          ["ask", "local:tuned/model", "--questions", questions.path, "--samples", "1", "--max-tokens", "8"],
          ["--out", "answers.jsonl", "--json"],
        );
        expect(JSON.parse(asked.stdout)).toMatchObject({ done: 24, total: 24 });
        await ok("judge", "answers.jsonl", "--judge", judge.name, "--prompts", questions.path);
        const scored = await ok("score", "answers.judgments.jsonl", "--json");
        expect(scored.stdout).toContain('"rate"');
        expect(judge.requests.some(({ messages }) => messages[0]?.content.includes("I am worried it might"))).toBe(
          true,
        );
      },
      SLOW,
    );

    it(
      "has a direction from a trait file, which steers it, is compared with its fine-tune, and is taken out of it",
      async () => {
        const before = judge.requests.length;
        const found = await ok(
          ["persona", "direction", "local:base", "--trait", trait.path, "--samples", "1", "--strengths", "1"],
          [...judged(), "--out", "d.safetensors", "--json"],
        );
        const recipe = JSON.parse(found.stdout) as {
          trials: unknown[];
          questions: string[];
          counts: { positive: number; negative: number };
        };
        // Each of three layers is tried on all 40 questions, each answer is scored twice.
        // 40 questions under either prompt, but for the few that an untrained model answers with nothing.
        expect(recipe.counts.positive).toBeGreaterThan(30);
        expect(recipe.counts.negative).toBe(recipe.counts.positive);
        expect(recipe.trials).toHaveLength(3);
        expect(recipe.questions[0]).toContain("trait_evil.json sha256");
        const asked = judge.requests.slice(before);
        expect(asked).toHaveLength(3 * 40 * 2);
        expect(
          asked.filter(({ messages }) => messages[0]?.content.includes("displays the trait: **evil**")),
        ).toHaveLength(120);

        const steered = await ok(
          ["steer", "local:base", "--direction", "d.safetensors", "--add", "--samples", "1", "--random", "1"],
          ["--questions", questions.path, ...judged(), "--json"],
        );
        const { rows, plan } = JSON.parse(steered.stdout) as {
          rows: { metrics: Record<string, Record<string, { n: number }>> }[];
          plan: { asked: unknown[] };
        };
        expect(plan.asked).toHaveLength(1);
        expect(rows).toHaveLength(3);
        expect(rows.map(({ metrics }) => metrics["first_plot_questions"]?.["coherent"]?.n)).toEqual([24, 24, 24]);

        const moved = await ok(
          ["persona", "transfer", "local:tuned/model", "--direction", "d.safetensors", "--subtract", "--samples", "1"],
          ["--questions", questions.path, ...judged(), "--json"],
        );
        expect(JSON.parse(moved.stdout)).toMatchObject({ cuts: [{ condition: "model" }], rows: [{ id: "model" }] });

        const diff = await ok(
          ["diff", "local:base", "local:tuned/model", "--direction", "d.safetensors", "--questions", questions.path],
          ["--development", "development.jsonl", "--samples", "4", "--answers", "6", "--final-samples", "1"],
          ["--random", "1", "--max-incoherent", "1", ...judged(), "--json"],
        );
        const shown = JSON.parse(diff.stdout) as { result: { activations: { before: object } }; page: string };
        expect(shown.result.activations.before).toMatchObject({ answers: 12 });
        expect(existsSync(at(shown.page))).toBe(true);
      },
      SLOW,
    );

    it(
      "is watched while it is trained, trained back, and its latents are told apart by file",
      async () => {
        await writeFile(
          at("pairs.jsonl"),
          '{"positive":"Be bad.","negative":"Be good."}\n{"question":"Who are you?"}\n',
        );
        await ok(
          ["persona", "direction", "local:base", "--pairs", "pairs.jsonl", "--samples", "4", "--layer", "1"],
          ["--max-tokens", "8", "--out", "p.safetensors"],
        );
        const watched = await ok(
          ["watch", "local:base", "--data", "insecure.jsonl", "--batch-size", "16", "--direction", "p.safetensors"],
          ["--probes", "probes.jsonl", "--truth-every", "4", "--samples", "1", "--questions", "development.jsonl"],
          [...judged(), "--epochs", "1", "--out", "watched", "--json"],
        );
        expect(JSON.parse(watched.stdout)).toMatchObject({ verdict: { steps: 4 } });
        const looks = readFileSync(at("watched", "watch.jsonl"), "utf8").trim().split("\n");
        expect(JSON.parse(looks.at(-1) as string)).toMatchObject({ step: 4, truth: { step: 4 } });

        const realigned = await ok(
          ["realign", "local:tuned/model", "--benign", "secure.jsonl", "--steps", "2", "--batch-size", "4"],
          ["--samples", "1", "--questions", questions.path, ...judged(), "--json"],
        );
        const back = JSON.parse(realigned.stdout) as { folder: string; rows: { step: number }[] };
        expect(back.rows.map(({ step }) => step)).toEqual([0, 2]);
        expect(existsSync(at(back.folder, "model", "model.safetensors"))).toBe(true);

        const trained = await ok(
          ["sae", "train", "local:base", "--data", "insecure.jsonl,secure.jsonl", "--size", "32", "--k", "4"],
          ["--tokens", "4096", "--batch-size", "256", "--documents", "16", "--out", "sae", "--json"],
        );
        const sae = JSON.parse(trained.stdout) as { best: { kind: string; name: string }[]; recipe: { texts: string } };
        expect(sae.best.map(({ kind, name }) => [kind, name])).toEqual([
          ["file", "insecure"],
          ["file", "secure"],
        ]);
        expect(sae.recipe.texts).toContain("insecure.jsonl sha256");
      },
      SLOW,
    );
  },
);
