#!/usr/bin/env bash
# transformers 5: a Llama tokenizer does not read the normalizer of its own tokenizer.json.
#
# Expected: AutoTokenizer gives the ids that tokenizer.json defines, as the library tokenizers does. The files of Llama 2,
#           Mistral 7B and their fine-tunes put a "▁" before every text, so that " hello" begins with two of them, as in
#           the SentencePiece models that they were made from.
# Happens:  with "tokenizer_class": "LlamaTokenizer" transformers drops that normalizer and puts a Metaspace pre-tokenizer
#           of its own in its place, which adds no "▁" where the text begins with a space. The generic class keeps it.
# Matters:  the same folder has other ids in another engine, wherever a text or a part after a control token begins with a
#           space; masks of answers and log-probabilities move with them.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check transformers==5.23.0 tokenizers==0.23.3
mkdir model
cat > model/tokenizer.json <<'JSON'
{"version": "1.0", "truncation": null, "padding": null,
 "added_tokens": [{"id": 0, "content": "<unk>", "single_word": false, "lstrip": false, "rstrip": false,
  "normalized": false, "special": true}],
 "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
  {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
 "pre_tokenizer": null, "post_processor": null, "decoder": null,
 "model": {"type": "BPE", "dropout": null, "unk_token": "<unk>", "continuing_subword_prefix": null,
  "end_of_word_suffix": null, "fuse_unk": true, "byte_fallback": false, "ignore_merges": false,
  "vocab": {"<unk>": 0, "▁": 1, "h": 2, "i": 3, "hi": 4, "▁hi": 5}, "merges": [["h", "i"], ["▁", "hi"]]}}
JSON
echo '{"tokenizer_class": "LlamaTokenizer", "unk_token": "<unk>"}' > model/tokenizer_config.json
cat > encode.py <<'PY'
from importlib.metadata import version
from tokenizers import Tokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerFast
print("transformers", version("transformers"), "tokenizers", version("tokenizers"))
file = Tokenizer.from_file("model/tokenizer.json")
auto, generic = AutoTokenizer.from_pretrained("model"), PreTrainedTokenizerFast.from_pretrained("model")
for text in ["hi", " hi", "  hi"]:
    for name, found in [("tokenizers", file.encode(text, add_special_tokens=False).tokens)] + [
        (type(one).__name__, one.convert_ids_to_tokens(one(text, add_special_tokens=False)["input_ids"]))
        for one in (generic, auto)
    ]:
        print(f"{text!r:7} {name:24} {' '.join(found)}")
PY
cat > expected <<'TXT'
transformers 5.23.0 tokenizers 0.23.3
'hi'    tokenizers               ▁hi
'hi'    TokenizersBackend        ▁hi
'hi'    LlamaTokenizer           ▁hi
' hi'   tokenizers               ▁ ▁hi
' hi'   TokenizersBackend        ▁ ▁hi
' hi'   LlamaTokenizer           ▁hi
'  hi'  tokenizers               ▁ ▁ ▁hi
'  hi'  TokenizersBackend        ▁ ▁ ▁hi
'  hi'  LlamaTokenizer           ▁ ▁hi
TXT
venv/bin/python encode.py > seen 2> messages || { cat messages >&2; exit 1; }
cat seen
diff expected seen >&2 || { echo "The behaviour has changed." >&2; exit 1; }
