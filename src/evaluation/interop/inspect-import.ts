/** From a log of Inspect AI to records: results of tasks that run there join askew's tables. */
import { open } from "node:fs/promises";
import { Archive } from "../../store/index.js";
import {
  checked,
  headerSchema,
  InspectLogError,
  parseLog,
  sampleSchema,
  type InspectContent,
  type InspectHeader,
  type InspectSample,
} from "./inspect-log.js";
import { plain, type AnswerRecord, type Plain } from "./records.js";

/** JavaScript cannot hold a longer text. */
const MOST_JSON_BYTES = 400 * 1024 * 1024;

const ATTACHMENT = /^attachment:\/\/([0-9a-f]+)$/;

/** Where askew's own logs say which question a sample is of: one with several wordings makes several samples. */
const ASKEW_QUESTION = "askew_question";

/** Columns of every record; a scorer of the same name gets `score_` before it. */
const OWN: ReadonlySet<string> = new Set([
  "id",
  "model",
  "task",
  "question_id",
  "epoch",
  "question",
  "answer",
  "target",
  "error",
]);

/** The column of a score, and what the record holds there: a number, unless the log has none. */
export type OnScore = (column: string, value: Plain) => void;

/**
 * One record a sample: `id`, `model`, `task`, `question_id` (the sample's id), `epoch`, `question` (what the user said),
 * `answer`, `target`, `error`, and a column for each scorer. Inspect's C, P, I and N become 1, 0.5, 0 and 0, as in its
 * accuracy; a sample that failed has no score at all. A score of several parts gives a column for each (`scorer.part`).
 * @param onScore hears the column of each score, and what the record holds there
 */
export async function* inspectRecords(path: string, onScore?: OnScore): AsyncGenerator<AnswerRecord, void> {
  const kind = await firstBytes(path);
  if (kind.startsWith("PK")) {
    const archive = await Archive.open(path);
    const header = checked(headerSchema, parseLog(headerText(archive), `${path}: header.json`), path);
    const names = archive.names.filter((name) => /^samples\/[^/]+\.json$/.test(name));
    if (names.length === 0 && archive.names.some((name) => name.startsWith("samples/"))) {
      throw new InspectLogError(
        `${path}: its samples are stored in chunks, which askew does not read. Convert it with: inspect log convert --to json`,
      );
    }
    for (const name of names) {
      const where = `${path}: ${name}`;
      yield sampleRecord(header, parseLog(archive.text(name), where), where, onScore);
    }
    return;
  }
  const log = parseLog(await wholeText(path), path);
  const header = checked(headerSchema, log, path);
  const { samples } = log as { samples?: unknown };
  if (!Array.isArray(samples))
    throw new InspectLogError(`${path}: expected samples; was the log written without them?`);
  for (const [i, sample] of samples.entries()) yield sampleRecord(header, sample, `${path}, sample ${i + 1}`, onScore);
}

/** A run that was stopped has no header yet, only what it began with. */
function headerText(archive: Archive): string {
  if (archive.names.includes("header.json")) return archive.text("header.json");
  if (!archive.names.includes("_journal/start.json")) {
    throw new InspectLogError(`${archive.path}: expected a log of Inspect AI, found no header.json in the archive.`);
  }
  const start = parseLog(archive.text("_journal/start.json"), `${archive.path}: _journal/start.json`);
  return JSON.stringify({ ...(start as object), status: "started" });
}

async function firstBytes(path: string): Promise<string> {
  const file = await open(path);
  try {
    if (!(await file.stat()).isFile()) {
      throw new InspectLogError(`${path}: expected a log of Inspect AI, found a folder or a device.`);
    }
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function wholeText(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > MOST_JSON_BYTES) {
      throw new InspectLogError(`${path}: larger than 400 MiB. Convert it with: inspect log convert --to eval`);
    }
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

function sampleRecord({ eval: spec }: InspectHeader, found: unknown, where: string, onScore?: OnScore): AnswerRecord {
  const sample = checked(sampleSchema, found, where);
  const { id, epoch, target, error } = sample;
  const asked = sample.metadata?.[ASKEW_QUESTION];
  const scores = scoresOf(sample);
  for (const [column, value] of Object.entries(scores)) onScore?.(column, value);
  return {
    id: `${spec.task}/${id}/${epoch}`,
    model: spec.model,
    task: spec.task,
    question_id: typeof asked === "string" ? asked : String(id),
    epoch,
    question: resolve(questionOf(sample), sample),
    answer: resolve(answerOf(sample), sample),
    target: typeof target === "string" ? target : (target ?? []).join("\n"),
    ...metadataOf(sample),
    ...(error == null ? {} : { error: error.message }),
    ...scores,
  };
}

function questionOf({ input }: InspectSample): string {
  if (typeof input === "string") return input;
  const user = input.findLast(({ role }) => role === "user");
  return user === undefined ? "" : textOf(user.content);
}

function answerOf({ output }: InspectSample): string {
  const [first] = output?.choices ?? [];
  return output?.completion ?? (first === undefined ? "" : textOf(first.message.content));
}

function textOf(content: InspectContent): string {
  if (typeof content === "string") return content;
  return content.flatMap(({ type, text }) => (type === "text" && text !== undefined ? [text] : [])).join("\n");
}

/** Long texts stand once in the sample and are named where they belong. */
function resolve(text: string, { attachments }: InspectSample): string {
  const [, hash] = ATTACHMENT.exec(text) ?? [];
  return hash === undefined ? text : (attachments?.[hash] ?? text);
}

/** What askew put there when it wrote the log, and plain metadata of others, so that one can group by it. */
function metadataOf({ metadata }: InspectSample): Record<string, Plain> {
  const isPlain = (value: unknown): value is string | number | boolean =>
    typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return Object.fromEntries(
    Object.entries(metadata ?? {}).flatMap(([key, value]): [string, Plain][] =>
      key === ASKEW_QUESTION || !isPlain(value) ? [] : [[OWN.has(key) ? `metadata_${key}` : key, value]],
    ),
  );
}

function scoresOf({ scores, error }: InspectSample): Record<string, Plain> {
  if (error != null) return {};
  return Object.fromEntries(
    Object.entries(scores ?? {}).flatMap(([scorer, { value }]): [string, Plain][] => {
      const name = OWN.has(scorer) ? `score_${scorer}` : scorer;
      if (typeof value !== "object" || value === null || Array.isArray(value)) return [[name, number(value)]];
      return Object.entries(value).map(([part, found]) => [`${name}.${part}`, number(found)]);
    }),
  );
}

const LETTERS: Readonly<Record<string, number>> = { C: 1, P: 0.5, I: 0, N: 0 };

function number(value: unknown): Plain {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "string" && Object.hasOwn(LETTERS, value) ? (LETTERS[value] as number) : plain(value);
}
