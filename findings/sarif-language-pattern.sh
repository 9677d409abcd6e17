#!/usr/bin/env bash
# The published JSON schema of SARIF 2.1.0 (rtm.5), as @microsoft/jest-sarif holds it: the pattern of a run's `language`.
#
# Expected: `language` is `en` or `en-US`, and a validator that reads patterns as JSON Schema now says, with the u flag,
#           compiles the schema.
# Happens:  a bracket too many makes the pattern none with the u flag, so ajv 8 refuses the whole schema; without the
#           flag it takes whatever begins with two letters.
# Matters:  who validates SARIF must turn `unicodeRegExp` off, and gets no check of `language` then.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --ignore-scripts --no-audit --no-fund --prefix . ajv@8.20.0 @microsoft/jest-sarif@1.0.0-beta.0

cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
const path = "node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json";
const { $schema, id, ...schema } = JSON.parse(readFileSync(path, "utf8"));
console.log(schema.title);
console.log("pattern:", schema.definitions.run.properties.language.pattern);
try {
  new Ajv({ strict: false, validateFormats: false }).compile(schema);
  console.log("with the u flag: compiled");
} catch (error) {
  console.log("with the u flag:", error.name);
}
const isSarif = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
const log = (language) => ({
  version: "2.1.0",
  runs: [{ tool: { driver: { name: "example" } }, language, results: [] }],
});
for (const language of ["en", "en-US", "english"]) console.log(`${language}:`, isSarif(log(language)));
JS

cat > expected <<'TXT'
Static Analysis Results Format (SARIF) Version 2.1.0-rtm.5 JSON Schema
pattern: ^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$
with the u flag: SyntaxError
en: true
en-US: true
english: true
TXT
node run.mjs > seen
cat seen
diff expected seen >&2 || { echo "The behaviour has changed." >&2; exit 1; }
