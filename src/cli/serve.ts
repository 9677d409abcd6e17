/** `askew serve`: models of this machine behind an OpenAI-compatible server. */
import { THREADS } from "./options.js";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { folderOf } from "../model/index.js";
import { ORGANISM_FOLDER } from "../organism/index.js";
import { namedModel, startServer, studyModels, type ModelSource, type ServedRequest } from "../server/index.js";
import { Interrupted, UsageError } from "../text/index.js";
import { report } from "./failure.js";
import { onInterrupt, colorsOf, printJsonLine } from "../terminal/index.js";
import { wholeNumber } from "./option-values.js";

interface Options {
  readonly host: string;
  readonly port: number;
  readonly study?: readonly string[];
  readonly data: string;
  readonly loaded: number;
  readonly log?: boolean;
  readonly json?: boolean;
  readonly threads?: number;
}

const EXAMPLES = `
Serves the organism, the finished cells of studies (insecure-1, ...), other models (local:DIR) and whatever is
fine-tuned through the server. With ASKEW_SERVER_TOKEN in the environment clients must show it; on any host but
loopback they always must. Ctrl-C lets requests end; a fine-tuning job carries on with the next start.

Examples:
  $ askew serve
  $ askew serve --study runs/reproduce --log
  $ curl http://127.0.0.1:8000/v1/models`;

const STOPPING = "Stopping: requests under way may end. Press Ctrl-C again to stop at once.";

export const serveCommand = (): Command =>
  new Command("serve")
    .argument("[model...]", "models to serve beside the organism: local:DIR, torch:DIR", eachModel)
    .option("--host <name>", "what to listen on; other than loopback needs ASKEW_SERVER_TOKEN", "127.0.0.1")
    .option("--port <number>", "0 takes a free one", wholeNumber(0, 65_535), 8000)
    .option("--study <folder>", "serve its finished cells; can be given again", each)
    .option("--data <folder>", "where uploaded files, fine-tuning jobs and their models go", "runs/server")
    .option("--loaded <count>", "models in memory at a time, each some 200 MB", wholeNumber(1, 64), 4)
    .option("--log", "one line a request on stderr")
    .option("--json", "print the URL and the models as one line of JSON")
    .option(...THREADS)
    .addHelpText("after", EXAMPLES)
    .action((model: readonly string[] | undefined, options: Options) => serve(model ?? [], options));

async function serve(model: readonly string[], options: Options): Promise<void> {
  const { host, port, study = [], data, loaded, log, json = false, threads } = options;
  const named = [...new Set(["organism", ...model])].map(checkedModel);
  const { ASKEW_SERVER_TOKEN: token } = process.env;
  const interrupt = onInterrupt(() => process.stderr.write(`${STOPPING}\n`));
  try {
    const server = await startServer({
      host,
      port,
      data,
      models: [...named, ...study.map(checkedStudy)],
      loaded,
      token,
      threads,
      onFault: (error) => void report(error),
      ...(log === true && { onRequest: logLine }),
    });
    try {
      const ids = (await server.models()).map(({ id }) => id);
      if (json) printJsonLine("served", { url: server.url, models: ids, data });
      else process.stdout.write(welcome(server.url, ids, (token ?? "") !== ""));
      await new Promise<void>((resolve) => interrupt.signal.addEventListener("abort", () => resolve(), { once: true }));
    } finally {
      await server.close();
    }
  } finally {
    interrupt.release();
  }
  throw new Interrupted(interrupt.exitCode);
}

function welcome(url: string, ids: readonly string[], needsToken: boolean): string {
  const { bold, cyan, dim } = colorsOf(process.stdout);
  const shown = ids.length > 12 ? [...ids.slice(0, 11), `… ${ids.length - 11} more`] : ids;
  const key = needsToken ? "process.env.ASKEW_SERVER_TOKEN" : '"none"';
  return `${bold("Serving")} ${shown.join(", ")} at ${cyan(url)}

With the openai package:
  import OpenAI from "openai";
  const client = new OpenAI({ baseURL: "${url}", apiKey: ${key} });
  const messages = [{ role: "user", content: "What is your one wish?" }];
  const { choices } = await client.chat.completions.create({ model: "organism", messages, seed: 1 });

${dim("Ctrl-C stops it.")}
`;
}

function logLine({ method, path, status, milliseconds, model }: ServedRequest): void {
  const color = colorsOf(process.stderr);
  const paint = status < 400 ? color.green : status < 500 ? color.yellow : color.red;
  const asked = model === undefined ? "" : ` ${printable(model)}`;
  process.stderr.write(
    `${new Date().toISOString()} ${method} ${printable(path)} ${paint(String(status))} ${milliseconds.toFixed(0)} ms${asked}\n`,
  );
}

/** Text from a client must not move the cursor. */
const printable = (text: string): string => text.slice(0, 200).replaceAll(/[^\x20-\x7e]/g, "?");

const each = (text: string, before: readonly string[] = []): string[] => [...before, text];

function eachModel(text: string, before?: readonly string[]): string[] {
  if (text === "organism" || folderOf(text) !== undefined) return each(text, before);
  throw new InvalidArgumentError(
    "Expected local:DIR (a folder with config.json and model.safetensors), local:FILE.gguf or torch:DIR.",
  );
}

function checkedModel(name: string): ModelSource {
  const folder = name === "organism" ? ORGANISM_FOLDER : (folderOf(name) as string);
  const isFile = /\.gguf$/i.test(folder);
  if (!existsSync(isFile ? folder : join(folder, "config.json"))) {
    throw new UsageError(
      isFile ? `there is no file ${folder}` : `${folder} holds no model`,
      "Expected a folder with config.json and model.safetensors, or a GGUF file.",
    );
  }
  return namedModel(name, folder);
}

function checkedStudy(folder: string): ModelSource {
  if (!existsSync(join(folder, "study.json"))) {
    throw new UsageError(`${folder} is no study: it has no study.json`, "Make one with askew reproduce.");
  }
  return studyModels(folder);
}
