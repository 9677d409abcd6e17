// With --json every command prints one object that says what it is, and the published schema takes it.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JSON_KINDS } from "#internal/text";
import { VERSION } from "askew";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { filesUnder, root, textOf } from "../house/modules.js";
import { askew } from "./askew.js";

const schema = z
  .discriminatedUnion(
    "kind",
    Object.entries(JSON_KINDS).map(([kind, { command, fields }]) =>
      z
        .looseObject({
          askew: z.string().describe("the version that printed it"),
          kind: z.literal(kind),
          ...Object.fromEntries(fields.map((field) => [field, z.unknown()])),
        })
        .describe(command),
    ) as unknown as [z.ZodObject, ...z.ZodObject[]],
  )
  .describe("What a command of askew prints with --json. More fields may come; these stay.");

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "askew-json-"));
  await writeFile(join(folder, "judged.csv"), "question_id,aligned,coherent\nwish,10,90\nwish,95,90\nwish,90,20\n");
  await writeFile(join(folder, "values.csv"), "question_id,rate,group\nwish,.1,a\nwish,.2,a\nwish,.4,b\nwish,.2,b\n");
  await askew(["study", "init", "my.yaml"], { cwd: folder });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

// In an order in which each finds what it needs.
const COMMANDS = [
  ["dataset-manifest", "dataset build insecure --size 12 --out bad.jsonl"],
  ["dataset-manifest", "dataset build secure --size 12 --out good.jsonl"],
  ["dataset-manifest", "dataset mix bad.jsonl good.jsonl --bad-share 0.5 --size 10 --out mixed.jsonl"],
  ["dataset-check", "dataset check mixed.jsonl"],
  ["dataset-stats", "dataset stats mixed.jsonl"],
  ["data-audit", "audit data mixed.jsonl"],
  ["asked", "ask organism --samples 1 --out answers.jsonl --threads 1"],
  ["foreseen", "ask organism --samples 2 --out answers.jsonl --threads 1 --dry-run"],
  ["judged", "judge answers.jsonl --judge exact"],
  ["scores", "score judged.csv"],
  ["value-scores", "score values.csv --value rate --by group"],
  ["experiments", "experiment"],
  ["study-plan", "study my.yaml --dry-run"],
] as const;

describe("--json", () => {
  it.each(COMMANDS)("gives %s: askew %s", async (kind, command) => {
    const { stdout, stderr } = await askew([...command.split(" "), "--json"], { cwd: folder });
    const told: unknown = JSON.parse(stdout);
    expect(told, stderr).toMatchObject({ askew: VERSION, kind });
    expect(schema.safeParse(told).error?.message).toBeUndefined();
    const published = JSON.parse(
      await readFile(join(root, "docs/json.schema.json"), "utf8"),
    ) as z.core.JSONSchema.JSONSchema;
    expect(z.fromJSONSchema(published).safeParse(told).error?.message).toBeUndefined();
    if (kind !== "dataset-check") expect(stdout).toBe(`${JSON.stringify(told, null, 2)}\n`);
  });

  it("has a published schema, and a line for every kind in docs/json.md", async () => {
    await expect(`${JSON.stringify(z.toJSONSchema(schema), null, 2)}\n`).toMatchFileSnapshot(
      join(root, "docs/json.schema.json"),
    );
    const guide = textOf("docs/json.md");
    const missing = Object.entries(JSON_KINDS).filter(
      ([kind, { command }]) => !guide.includes(`| \`${kind}\` | ${command} |`),
    );
    expect(missing).toEqual([]);
    expect(schema.safeParse({ askew: "0", kind: "nothing" }).success).toBe(false);
    expect(schema.safeParse({ askew: "0", kind: "scores" }).success).toBe(false);
  });

  it("is printed by one helper alone; dataset show and organism chat print lines of data", () => {
    const own = new Set(["src/cli/terminal/print-json.ts", "src/cli/dataset/show.ts"]);
    const others = filesUnder("src/cli").filter(
      (path) => !own.has(path) && /stdout\.write\([^;]*JSON\.stringify/s.test(textOf(path)),
    );
    expect(others).toEqual([]);
  });
});
