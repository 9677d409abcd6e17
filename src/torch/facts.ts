/** What the worker says of a model that it has opened; checked, for it may be another machine's. */
import { z } from "zod";
import { ModelFileError } from "../onnx/index.js";
import { TorchError } from "./error.js";
import type { Header } from "./frames.js";
import type { Received } from "./payload.js";

const size = z
  .int()
  .min(1)
  .max(2 ** 31);

const schema = z.looseObject({
  layers: size.max(4096),
  width: size,
  vocabSize: size,
  maxPositions: size,
  endIds: z.array(z.int().min(0)).max(1000),
  modules: z.record(z.string().max(500), z.tuple([size, size])),
  parameters: z.int().min(1),
  device: z.string().max(100),
  dtype: z.string().max(40),
  origin: z.string().max(4096),
  isAlone: z.boolean(),
  threads: z.int().min(1),
  hashes: z.record(z.string().max(300), z.string().regex(/^[0-9a-f]{64}$/)),
});

const FILES: ReadonlySet<string> = new Set([
  "config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "chat_template.jinja",
  "generation_config.json",
]);

export interface TorchFacts {
  /** As errors name it. */
  readonly title: string;
  readonly layers: number;
  readonly width: number;
  readonly vocabSize: number;
  readonly maxPositions: number;
  readonly endIds: readonly number[];
  /** Linear layers that an adapter may be on: [out, in]. */
  readonly modules: ReadonlyMap<string, readonly [number, number]>;
  readonly device: string;
  readonly dtype: string;
  /** The folder on the worker's machine, where that alone is the model. */
  readonly origin: string | undefined;
  readonly threads: number;
  /** sha256 of every file by its name. */
  readonly hashes: Readonly<Record<string, string>>;
  /** The files that are text, by their names. */
  readonly texts: Readonly<Record<string, string>>;
}

export function factsOf(title: string, said: Header, files: Received): TorchFacts {
  const found = schema.safeParse(said);
  if (!found.success) {
    const issue = found.error.issues[0];
    throw new TorchError("protocol", `the worker says of ${title}: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { modules, origin, isAlone, ...facts } = found.data;
  const named = files.names.filter((name) => FILES.has(name));
  return {
    ...facts,
    title,
    modules: new Map(Object.entries(modules)),
    origin: isAlone ? origin : undefined,
    texts: Object.fromEntries(named.map((name) => [name, Buffer.from(files.bytes(name)).toString("utf8")])),
  };
}

/** A file that is JSON; undefined where the model has none. */
export function jsonOf({ texts, title }: TorchFacts, name: string): unknown {
  const text = texts[name];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    const file = `${title}/${name}`;
    throw new ModelFileError({ file, expected: "JSON", found: "other text", cure: "Save it again." }, { cause: error });
  }
}
