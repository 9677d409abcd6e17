#!/usr/bin/env bash
# csv-parse with `cast: true`: ids that are hexadecimal.
#
# Expected: a cell is cast to the number that it is, or stays a text: 0x1f is 31 or "0x1f".
# Happens:  every 0x number becomes 0, so different ids become equal.
# Matters:  judged answers are joined to prompts and seeds by their ids. With hashes as ids, all rows become one sample,
#           and no error says so.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --ignore-scripts --no-audit --no-fund --prefix . csv-parse@7.0.3

cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
const own = readFileSync("node_modules/csv-parse/package.json", "utf8");
console.log("csv-parse", JSON.parse(own).version);
const table = "id,aligned\n0x1f,95\n0x2a,5\n0x77,40\n";
for (const cast of [false, true])
  console.log(`cast: ${cast}:`, JSON.stringify(parse(table, { columns: true, cast }).map(({ id }) => id)));
JS

cat > expected <<'TXT'
csv-parse 7.0.3
cast: false: ["0x1f","0x2a","0x77"]
cast: true: [0,0,0]
TXT
node run.mjs > seen
cat seen
diff expected seen >&2 || { echo "The behaviour has changed." >&2; exit 1; }
