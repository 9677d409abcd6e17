/** Writes a dataset and its manifest, and says so. */
import { manifestPath, writeDataset, writeManifest, type Conversation, type Manifest } from "../../dataset/index.js";
import { makeFolderOf } from "../../store/index.js";
import { askewCommand, colorsOf, printJson } from "../../terminal/index.js";
import { VERSION } from "../../text/index.js";
import { count } from "./written.js";

interface Provenance extends Pick<Manifest, "recipe" | "sources"> {
  readonly json: boolean;
  readonly more?: Readonly<Record<string, unknown>>;
}

export async function store(
  out: string,
  conversations: readonly Conversation[],
  { recipe, sources, json, more = {} }: Provenance,
): Promise<void> {
  makeFolderOf(out);
  const written = await writeDataset(out, conversations);
  const versions = { askew: VERSION, node: process.versions.node };
  const manifest: Manifest = { versions, recipe, sources, dataset: { file: out, ...written }, ...more };
  await writeManifest(out, manifest);
  if (json) {
    printJson("dataset-manifest", manifest);
    return;
  }
  const { bold, dim } = colorsOf(process.stdout);
  const lines = [
    `${bold(out)}  ${count(written.rows, "conversation")}`,
    dim(`sha256 ${written.sha256}, made as ${manifestPath(out)} says`),
    dim(`Next: ${askewCommand()} dataset check ${out}`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}
