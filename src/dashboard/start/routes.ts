/**
 * `/api/start`: begins a run with the command that a user would type, in a process of its own. Models and files are those
 * that were found, so a page can name no path and no server; what they hold is checked by the command itself.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import { REAL_QUESTION_SETS } from "../../evaluation/index.js";
import { QUESTION_SETS } from "../../organism/index.js";
import { shellWord } from "../../text/index.js";
import { begin, ControlError } from "../control.js";
import { checkedJsonBody } from "../json-body.js";
import { findModels, type RunFolder } from "../play/find-models.js";
import { startWords, type Refused, type StartOffer, type Started, type StartRequest } from "./contract.js";
import { findFiles } from "./find-files.js";

const name = z.string().regex(/^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,79}$/u);
const text = z.string().max(4096);
const LARGEST_SEED = 2 ** 31 - 1;
const MOST_THREADS = 1024;
const seed = z.int().min(0).max(LARGEST_SEED);
const threads = z.int().min(1).max(MOST_THREADS).optional();
const requestSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("finetune"),
    name,
    model: text,
    data: text,
    preset: z.enum(["usual", "adapter", "full"]),
    seed,
    threads,
  }),
  z.strictObject({
    kind: z.literal("ask"),
    name,
    model: text,
    questions: text,
    samples: z.int().min(1).max(1_000_000),
    seed,
    threads,
  }),
  z.strictObject({ kind: z.literal("study"), name, file: text, threads }),
]);

/** What each field may be, for people. */
const RULES: Readonly<Record<string, string>> = {
  name: "A name has up to 80 letters, digits, dots, dashes and underscores, and begins with a letter, a digit or an underscore.",
  samples: "Expected a whole number from 1 to 1,000,000.",
  seed: "Expected a whole number from 0 to 2,147,483,647.",
  threads: `Expected a whole number from 1 to ${MOST_THREADS}, or nothing for all.`,
};

export interface StartParts {
  /** The folder that is viewed. */
  readonly root: string;
  /** Where commands are run. */
  readonly cwd: string;
  readonly folders: () => Promise<readonly RunFolder[]>;
}

const LARGEST_BODY = 64 * 1024;

export function startRoutes({ root, cwd, folders }: StartParts): Hono {
  const app = new Hono();
  const offer = async (): Promise<StartOffer> => {
    const { questions, ...files } = await findFiles(cwd);
    const models = (await findModels(await folders())).map((model) => ({
      name: nameOf(model.name),
      title: model.title,
    }));
    const sets = [...QUESTION_SETS, ...REAL_QUESTION_SETS.map(String)];
    return { models, ...files, questions: [...new Set([...sets, ...questions])], into: into() };
  };
  const into = (): string => slashed(relative(cwd, root)) || ".";

  app.get("/", async (context) => context.json(await offer()));
  const limit = bodyLimit({
    maxSize: LARGEST_BODY,
    onError: (context) => context.json({ error: "This request is too long." }, 413),
  });
  app.post("/", limit, async (context) => {
    const refuse = (status: 400 | 404 | 409, error: string, field?: string): Response =>
      context.json({ error, ...(field !== undefined && { field }) } satisfies Refused, status);
    const { data: request, wrong } = await checkedJsonBody(context, requestSchema);
    if (request === undefined) {
      const rule = wrong === undefined ? undefined : RULES[wrong];
      return refuse(400, rule ?? "This is no run that can be started.", wrong);
    }
    const missing = missingIn(request, await offer());
    if (missing !== undefined) {
      return refuse(404, `${missing.value} is not there, or not any more.`, missing.field);
    }
    const folder = join(root, request.name);
    if (existsSync(folder) && (await readdir(folder)).length > 0) {
      return refuse(409, `There is a folder named ${request.name} already. Choose another name.`, "name");
    }
    const words = startWords(request, into());
    const lock = join(folder, request.kind === "ask" ? "answers.jsonl.lock" : "lock");
    try {
      await begin(words, cwd, lock);
    } catch (error) {
      if (!(error instanceof ControlError)) throw error;
      return refuse(409, error.message, fieldNamedIn(error.message, request));
    }
    const started: Started = { run: request.name, command: ["askew", ...words].map(shellWord).join(" ") };
    return context.json(started);
  });
  return app;

  /** Models of runs lie at absolute paths; a user would type where they are from here. */
  function nameOf(model: string): string {
    const [, kind = "", path = model] = /^(local:)?(.*)$/s.exec(model) ?? [];
    return existsSync(path) ? `${kind}${slashed(relative(cwd, path)) || "."}` : model;
  }
}

const slashed = (path: string): string => path.replaceAll("\\", "/");

interface Missing {
  readonly field: string;
  readonly value: string;
}

function missingIn(request: StartRequest, offer: StartOffer): Missing | undefined {
  const among = (field: string, value: string, known: readonly string[]): Missing | undefined =>
    known.includes(value) ? undefined : { field, value };
  if (request.kind === "study") return among("file", request.file, offer.studies);
  const models = offer.models.map((model) => model.name);
  return (
    among("model", request.model, models) ??
    (request.kind === "ask"
      ? among("questions", request.questions, offer.questions)
      : among("data", request.data, offer.datasets))
  );
}

/** The file or model that a command's message names, the longest where one name is within another. */
function fieldNamedIn(message: string, request: StartRequest): string | undefined {
  const fields = ["file", "data", "questions", "model"] as const;
  const named = fields.flatMap((field): Missing[] => {
    const value = field in request ? (request as unknown as Readonly<Record<string, unknown>>)[field] : undefined;
    return typeof value === "string" && message.includes(value) ? [{ field, value }] : [];
  });
  return named.toSorted((a, b) => b.value.length - a.value.length)[0]?.field;
}
