// A folder for --data that holds other people's files and records: nothing of theirs is read, changed or deleted.
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServerError } from "#internal/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "./running.js";

let root: string;
let data: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "askew-own-"));
  data = join(root, "data");
  await mkdir(join(root, "outside"));
  await writeFile(join(root, "outside", "thesis.txt"), "mine");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const FILE = `file-${"a".repeat(24)}`;
const JOB = `ftjob-${"b".repeat(24)}`;

const file = {
  id: FILE,
  object: "file",
  bytes: 2,
  created_at: 1,
  expires_at: null,
  filename: "rows.jsonl",
  purpose: "fine-tune",
  status: "processed",
};
const hyperparameters = { n_epochs: 1, batch_size: 1, learning_rate_multiplier: 1 };
const job = {
  id: JOB,
  object: "fine_tuning.job",
  created_at: 1,
  finished_at: null,
  model: "organism",
  fine_tuned_model: null,
  organization_id: "askew",
  result_files: [],
  status: "running",
  training_file: FILE,
  validation_file: null,
  hyperparameters,
  method: { type: "supervised", supervised: { hyperparameters } },
  trained_tokens: null,
  error: null,
  seed: 1,
  user_provided_suffix: null,
  estimated_finish: null,
  integrations: [],
  metadata: {},
};
const checkpoint = {
  object: "fine_tuning.job.checkpoint",
  id: "ftckpt_1",
  created_at: 1,
  fine_tuning_job_id: JOB,
  fine_tuned_model_checkpoint: "ft:organism:askew::bbbbbbbb:ckpt-step-1",
  step_number: 1,
  metrics: { step: 1, train_loss: 1 },
};
const event = {
  object: "fine_tuning.job.event",
  id: "ftevent-1",
  created_at: 1,
  level: "info",
  message: "hello",
  type: "message",
  data: {},
};

async function plant(path: string, content: unknown): Promise<void> {
  const full = join(data, path);
  await mkdir(join(full, ".."), { recursive: true });
  await writeFile(full, typeof content === "string" ? content : JSON.stringify(content));
}

/** Every file below the root, with its text. */
async function everything(folder = root): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    await Promise.all(files.toSorted().map(async (path) => [path, await readFile(path, "utf8")])),
  );
}

async function refusal(): Promise<string> {
  const before = await everything();
  const error = await run({ data }).then(
    async (running) => {
      await running.stop();
      return undefined;
    },
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ServerError);
  expect(await everything()).toEqual(before);
  return (error as Error).message;
}

describe("what askew did not make is refused by name, and nothing is touched", () => {
  it.each([
    ["a file among the uploads", "files/notes.txt"],
    ["a folder among the uploads", "files/holiday/photo.jpg"],
    ["a file that has a folder's name", `files/${FILE}`],
    ["a file among the jobs", "jobs/notes.txt"],
    ["a folder among the jobs", "jobs/holiday/photo.jpg"],
  ])("%s", async (_name, path) => {
    await plant(path, "mine");
    expect(await refusal()).toContain(join(data, ...path.split("/").slice(0, 2)));
  });

  it("links in place of its folders and files", async () => {
    await mkdir(join(data, "files"), { recursive: true });
    await symlink(join(root, "outside"), join(data, "files", FILE));
    expect(await refusal()).toContain(FILE);
    await rm(join(data, "files", FILE));
    await plant(`files/${FILE}/file.json`, file);
    await symlink("/dev/zero", join(data, "files", FILE, "content"));
    expect(await refusal()).toContain("content: it is no regular file");
    await rm(join(data, "files"), { recursive: true });
    await plant(`jobs/${JOB}/job.json`, { ...job, status: "cancelled" });
    await symlink("/dev/zero", join(data, "jobs", JOB, "events.jsonl"));
    expect(await refusal()).toContain("events.jsonl: expected a regular file");
    await rm(join(data, "jobs", JOB, "events.jsonl"));
    await plant(`jobs/${JOB}/checkpoints.json`, [checkpoint]);
    await symlink(join(root, "outside"), join(data, "jobs", JOB, "step-1"));
    expect(await refusal()).toContain("step-1: expected a folder of a model");
  });
});

describe("no value of a record becomes part of a path unchecked", () => {
  const paths = ["../outside", "../../../outside", "/etc", "1/../../../outside", "", "."];

  it.each(paths)("%j in the records of a job and a file", async (value) => {
    const jobs = `jobs/${JOB}`;
    for (const [path, record] of [
      [`files/${FILE}/file.json`, { ...file, id: value }],
      [`files/${FILE}/upload.json`, { upload: value }],
      [`${jobs}/job.json`, { ...job, id: value }],
    ] as const) {
      await rm(data, { recursive: true, force: true });
      await plant(path, record);
      expect(await refusal()).toContain(path.split("/").at(-1));
    }
    for (const record of [
      { ...checkpoint, step_number: value },
      { ...checkpoint, step_number: `1${value}` },
      { ...checkpoint, step_number: -1 },
      { ...checkpoint, fine_tuning_job_id: value },
    ]) {
      await rm(data, { recursive: true, force: true });
      await plant(`${jobs}/job.json`, job);
      await plant(`${jobs}/checkpoints.json`, [record]);
      expect(await refusal()).toContain("checkpoints.json");
    }
  });

  it("nor a record of another folder", async () => {
    await plant(`files/${FILE}/file.json`, { ...file, id: `file-${"c".repeat(24)}` });
    expect(await refusal()).toContain("it is the record of file-c");
  });

  it("records that are no records are named with their line", async () => {
    await plant(`jobs/${JOB}/job.json`, job);
    await plant(`jobs/${JOB}/events.jsonl`, `${JSON.stringify(event)}\nnonsense\n${JSON.stringify(event)}\n`);
    expect(await refusal()).toMatch(/events\.jsonl, line 2: expected a record of the server in JSON/);
  });
});

it("a half upload goes, and only the files that askew puts into one; what has no record stays", async () => {
  const [half, other] = [`file-${"d".repeat(24)}`, `file-${"e".repeat(24)}`];
  await plant(`files/${half}/upload.json`, { upload: half });
  await plant(`files/${half}/.content.12.0123456789ab.tmp`, "half");
  await plant(`files/${other}/upload.json`, { upload: other });
  await plant(`files/${other}/content`, "half");
  await plant(`files/${other}/thesis.txt`, "mine");
  await plant(`files/${FILE}/content`, "no record");
  await plant("files/.DS_Store", "the system's");
  await (await run({ data })).stop();
  expect(Object.keys(await everything(join(data, "files"))).map((path) => path.slice(data.length + 7))).toEqual([
    ".DS_Store",
    `${FILE}/content`,
    `${other}/thesis.txt`,
  ]);
});
