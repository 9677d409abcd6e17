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
import { readJsonBody } from "../json-body.js";
import { findModels, type RunFolder } from "../play/find-models.js";
import { startWords, type StartOffer, type Started, type StartRequest } from "./contract.js";
import { findFiles } from "./find-files.js";

const name = z.string().regex(/^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,79}$/u);
const text = z.string().max(4096);
const seed = z
  .int()
  .min(0)
  .max(2 ** 31);
const requestSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("finetune"),
    name,
    model: text,
    data: text,
    preset: z.enum(["usual", "adapter", "full"]),
    seed,
  }),
  z.strictObject({
    kind: z.literal("ask"),
    name,
    model: text,
    questions: text,
    samples: z.int().min(1).max(1_000_000),
    seed,
  }),
  z.strictObject({ kind: z.literal("study"), name, file: text }),
]);

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
    const { datasets, studies, questions } = await findFiles(cwd);
    const models = (await findModels(await folders())).map((model) => ({
      name: nameOf(model.name),
      title: model.title,
    }));
    const sets = [...QUESTION_SETS, ...REAL_QUESTION_SETS.map(String)];
    return { models, datasets, studies, questions: [...new Set([...sets, ...questions])], into: into() };
  };
  const into = (): string => slashed(relative(cwd, root)) || ".";

  app.get("/", async (context) => context.json(await offer()));
  const limit = bodyLimit({
    maxSize: LARGEST_BODY,
    onError: (context) => context.json({ error: "This request is too long." }, 413),
  });
  app.post("/", limit, async (context) => {
    const request = await readJsonBody(context, requestSchema);
    if (request === undefined) {
      const rule = "A name has letters, digits, dots, dashes and underscores, and no other field may be empty.";
      return context.json({ error: `This is no run that can be started. ${rule}` }, 400);
    }
    const missing = missingIn(request, await offer());
    if (missing !== undefined) return context.json({ error: `${missing} is not there, or not any more.` }, 404);
    const folder = join(root, request.name);
    if (existsSync(folder) && (await readdir(folder)).length > 0) {
      throw new ControlError(`There is a folder named ${request.name} already. Choose another name.`);
    }
    const words = startWords(request, into());
    await begin(words, cwd, request.kind === "ask" ? join(folder, "answers.jsonl.lock") : join(folder, "lock"));
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

function missingIn(request: StartRequest, offer: StartOffer): string | undefined {
  const isModel = (wanted: string): boolean => offer.models.some((model) => model.name === wanted);
  if (request.kind === "study") return offer.studies.includes(request.file) ? undefined : request.file;
  if (!isModel(request.model)) return request.model;
  const [wanted, known] =
    request.kind === "ask" ? [request.questions, offer.questions] : [request.data, offer.datasets];
  return known.includes(wanted) ? undefined : wanted;
}
