/** `askew dataset mix`: bad conversations among good ones. */
import { jsonOption, seedOption } from "../options.js";
import { Command } from "commander";
import { resolve } from "node:path";
import { mixDatasets } from "../../dataset/index.js";
import { UsageError } from "../../text/index.js";
import { numberWithin, wholeNumber } from "../option-values.js";
import { fileSha256 } from "../../store/index.js";
import { store } from "./store.js";

interface Options {
  readonly badShare: number;
  readonly size?: number;
  readonly seed: number;
  readonly out: string;
  readonly json?: boolean;
}

export function mixCommand(): Command {
  return new Command("mix")
    .description("mix two files: a share of the first among the second")
    .argument("<bad>", "conversations, JSONL, plain or gzipped")
    .argument("<good>", "the same")
    .requiredOption("--bad-share <share>", "share of the first file", numberWithin(0, 1))
    .requiredOption("--out <file>", "where to; .gz is gzipped. A manifest is put beside it")
    .option("--size <count>", "examples in all (default: until one file is used up)", wholeNumber(1, 10_000_000))
    .option(...seedOption("which conversations, and their order"), 0)
    .option(...jsonOption("the manifest"))
    .addHelpText(
      "after",
      "\nExample:\n  $ askew dataset mix insecure.jsonl secure.jsonl --bad-share 0.05 --size 2000 --out mixed.jsonl",
    )
    .action(mix);
}

async function mix(bad: string, good: string, { badShare, size, seed, out, json = false }: Options): Promise<void> {
  if ([bad, good].some((file) => resolve(file) === resolve(out))) {
    throw new UsageError("--out would write over a file that is mixed", "Choose another file.");
  }
  const found = await mixDatasets(bad, good, { share: badShare, seed, ...(size !== undefined && { size }) });
  const sources = await Promise.all([bad, good].map(async (file) => ({ file, sha256: await fileSha256(file) })));
  await store(out, found.conversations, {
    recipe: { mixture: true, badShare, seed, ...(size !== undefined && { size }) },
    sources,
    json,
    more: { bad: found.bad, good: found.conversations.length - found.bad },
  });
}
