/** Texts that an autoencoder is trained and measured on: of the model's own world, or conversations and text from files. */
import { basename } from "node:path";
import { readDataset } from "../../dataset/index.js";
import type { Model } from "../../model/index.js";
import type { DocumentSource, LabelledDocument } from "../../persona/index.js";
import { fileSha256 } from "../../store/index.js";
import { UsageError } from "../../text/index.js";
import { mayHaveWorld, worldOf } from "../asking/worlds.js";
import { textPieces } from "./text-pieces.js";

/**
 * The texts of files, read before the model is opened; undefined where the model may have its own.
 * @param name the model's
 * @param paths conversations or texts, one a line, or plain text; what is from one file is a label of its own, so that latents can be told by it
 * @throws {UsageError} where no file is named and the model certainly has no texts of its own
 */
export async function readDocuments(
  name: string,
  paths: readonly string[] | undefined,
): Promise<DocumentSource | undefined> {
  if (paths !== undefined) return fileDocuments(paths);
  if (await mayHaveWorld(name)) return undefined;
  throw noTexts(name);
}

/**
 * @param given what {@link readDocuments} read
 * @throws {UsageError} where nothing is given and the model has no texts of its own
 */
export function documentsFor(model: Model, given: DocumentSource | undefined): DocumentSource {
  const source = given ?? worldOf(model)?.documents;
  if (source === undefined) throw noTexts(model.name);
  return source;
}

const noTexts = (model: string): UsageError =>
  new UsageError(
    `${model} has no texts of its own to train an autoencoder on`,
    "Give conversations or text with --data FILE.jsonl or FILE.txt, or several files with commas between them.",
  );

async function fileDocuments(paths: readonly string[]): Promise<DocumentSource> {
  const files: {
    readonly name: string;
    readonly about: string;
    readonly all: readonly Pick<LabelledDocument, "messages" | "text">[];
  }[] = [];
  for (const path of paths) {
    const name = basename(path).replace(/\.(?:jsonl|ndjson|txt|text|md)(?:\.gz)?$/i, "");
    if (files.some((one) => one.name === name)) {
      throw new UsageError(`--data: two files are called ${name}`, "Rename one: a file's name is its label.");
    }
    const texts = await textPieces(path);
    const all = texts?.map((text) => ({ messages: [], text })) ?? (await readDataset(path));
    files.push({ name, about: `${path} sha256 ${await fileSha256(path)}`, all });
  }
  return {
    name: files.map(({ about }) => about).join(", "),
    labels: files.map(({ name }) => ({ kind: "file", name, ofDocument: true })),
    draw(random) {
      const { name, all } = random.pick(files);
      const { messages, text } = random.pick(all);
      const label = { kind: "file", name };
      if (text !== undefined) return { messages, text, answers: [[label]] };
      const answers = messages.filter(({ role }) => role === "assistant");
      return { messages, answers: answers.map(() => [label]) };
    },
  };
}
