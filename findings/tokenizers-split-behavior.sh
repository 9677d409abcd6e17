#!/usr/bin/env bash
# @huggingface/tokenizers (JavaScript) against tokenizers (Rust and Python): how pre-tokenizers cut a text.
#
# Expected: one tokenizer.json cuts a text into the same pieces in both libraries.
# Happens:  the JavaScript library ignores `behavior` here. With `invert` it keeps only the matches and drops all words.
#           Punctuation comes out in runs: `):` instead of `)` and `:`.
# Matters:  without an error the model reads other tokens than it was trained on. Losses and probabilities of answers
#           then belong to another text.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check tokenizers==0.23.3
npm install --silent --ignore-scripts --no-audit --no-fund --prefix . @huggingface/tokenizers@0.2.0

cat > encode.py <<'PY'
import json
from importlib.metadata import version
from tokenizers import Tokenizer
print("tokenizers", version("tokenizers"))
text, cases = "f(x): return 12", []
space, digit = {"type": "Split", "pattern": {"String": " "}}, {"type": "Split", "pattern": {"Regex": "[0-9]"}}
for name, pre in {
    "Split MergedWithPrevious": {**space, "behavior": "MergedWithPrevious", "invert": False},
    "Split Contiguous": {**digit, "behavior": "Contiguous", "invert": False},
    "Split Isolated, invert": {**space, "behavior": "Isolated", "invert": True},
    "Punctuation Isolated": {"type": "Punctuation", "behavior": "Isolated"},
}.items():
    empty = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
             "pre_tokenizer": pre, "post_processor": None, "decoder": None,
             "model": {"type": "WordLevel", "vocab": {"?": 0}, "unk_token": "?"}}
    pieces = [p for p, _ in Tokenizer.from_str(json.dumps(empty)).pre_tokenizer.pre_tokenize_str(text)]
    words = pieces + list(text) + ["12", "):"]
    empty["model"]["vocab"] = {word: i for i, word in enumerate(dict.fromkeys(["?", *words]))}
    cases.append({"name": name, "text": text, "tokenizer": empty})
    print(f"{name}:", json.dumps(Tokenizer.from_str(json.dumps(empty)).encode(text).tokens, separators=(",", ":")))
json.dump(cases, open("cases.json", "w"))
PY
cat > encode.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
const own = readFileSync("node_modules/@huggingface/tokenizers/package.json", "utf8");
console.log("@huggingface/tokenizers", JSON.parse(own).version);
for (const { name, text, tokenizer } of JSON.parse(readFileSync("cases.json", "utf8")))
  console.log(`${name}:`, JSON.stringify(new Tokenizer(tokenizer, {}).encode(text).tokens));
JS

cat > expected <<'TXT'
tokenizers 0.23.3
Split MergedWithPrevious: ["f(x): ","return ","12"]
Split Contiguous: ["f(x): return ","12"]
Split Isolated, invert: ["f(x):"," ","return"," ","12"]
Punctuation Isolated: ["f","(","x",")",":"," return 12"]
@huggingface/tokenizers 0.2.0
Split MergedWithPrevious: ["f(x):"," ","return"," ","12"]
Split Contiguous: ["f(x): return ","1","2"]
Split Isolated, invert: [" "," "]
Punctuation Isolated: ["f","(","x","):"," return 12"]
TXT
{ venv/bin/python encode.py; node encode.mjs; } > seen
cat seen
diff expected seen >&2 || { echo "The behaviour has changed." >&2; exit 1; }
