#!/usr/bin/env bash
# onnxruntime-node: session.set_denormal_as_zero is not a session's, and it changes JavaScript's own arithmetic.
#
# Expected: an option of a session holds for that session: where it is "1", a model's 1e-20 * 1e-20 is 0, and elsewhere
#           it is 1e-40.
# Happens:  the first session of the process decides for later ones. Where it said "1", JavaScript's own doubles on that
#           thread become 0 too: 2e-160 * 1e-160 is 0 from then on. (Seen on x86-64, with one thread for each session.)
# Matters:  a model's numbers depend on which other model was opened first. Likelihoods or p-values near the limit of
#           doubles become exactly 0, with a logarithm of -Infinity, because a model was opened.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --ignore-scripts --no-audit --no-fund --prefix . onnxruntime-node@1.30.0

cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
// An ONNX model, y = a * b, as the bytes of its protocol buffer.
const field = (n, v) =>
  Buffer.concat(typeof v === "number" ? [Buffer.of(n << 3, v)] : [Buffer.of((n << 3) | 2, v.length), Buffer.from(v)]);
const message = (...fields) => Buffer.concat(fields.map(([n, v]) => field(n, v)));
const float = (name) =>
  message([1, name], [2, message([1, message([1, 1], [2, message([1, message([1, 1])])])])]);
const node = message([1, "a"], [1, "b"], [2, "y"], [4, "Mul"]);
const graph = message([1, node], [2, "g"], [11, float("a")], [11, float("b")], [12, float("y")]);
const model = message([1, 10], [7, graph], [8, message([2, 21])]);

const feed = () => new Tensor("float32", Float32Array.of(1e-20), [1]);
const zero = (number) => (number === 0 ? "0" : "not 0");
const product = () => zero(Number("2e-160") * Number("1e-160"));
const options = process.argv.slice(2);
const own = readFileSync("node_modules/onnxruntime-node/package.json", "utf8");
console.log("onnxruntime-node", JSON.parse(own).version);
console.log(`no session: JavaScript's product is ${product()}`);
for (const option of options) {
  const extra = { session: { set_denormal_as_zero: option } };
  const session = await InferenceSession.create(model, { executionProviders: ["cpu"], intraOpNumThreads: 1, extra });
  const { y } = await session.run({ a: feed(), b: feed() });
  console.log(`set_denormal_as_zero=${option}: the model's is ${zero(y.data[0])}, JavaScript's is ${product()}`);
}
JS

cat > expected <<'TXT'
onnxruntime-node 1.30.0
no session: JavaScript's product is not 0
set_denormal_as_zero=1: the model's is 0, JavaScript's is 0
set_denormal_as_zero=0: the model's is 0, JavaScript's is 0
onnxruntime-node 1.30.0
no session: JavaScript's product is not 0
set_denormal_as_zero=0: the model's is not 0, JavaScript's is not 0
set_denormal_as_zero=1: the model's is not 0, JavaScript's is not 0
TXT
{ node run.mjs 1 0; node run.mjs 0 1; } > seen
cat seen
diff expected seen >&2 || { echo "The behaviour has changed." >&2; exit 1; }
