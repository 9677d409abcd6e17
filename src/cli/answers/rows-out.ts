/** Rows go into files whose names the commands that read them take. */
import { UsageError } from "../../text/index.js";

export function requireRowsName(path: string | undefined): void {
  if (path === undefined || /\.jsonl$/i.test(path)) return;
  throw new UsageError(
    `--out: expected a name that ends in .jsonl, found ${path}`,
    `One JSON object a line is written: --out ${path.replace(/\.(?:json|csv|tsv|txt|gz)$/i, "")}.jsonl`,
  );
}
