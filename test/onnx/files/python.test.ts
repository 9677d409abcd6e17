// The files that askew writes and reads, seen by other implementations. Each test is skipped, with its reason, where
// Python or a library is absent.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  buildWordTokenizer,
  readModelFolder,
  readSafetensors,
  Tokenizer,
  UnknownWordError,
  writeModelFolder,
  writeSafetensors,
} from "askew/onnx";
import { encodeChat } from "#internal/onnx";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TEMPLATES } from "../tokens/chat-templates.js";
import { temporaryFolder } from "./folders.js";
import { filled, smallModel } from "./models.js";
import { lacks, python } from "./python.js";
import { BYTE_LEVEL_CONFIG, byteFallbackJson, byteLevelJson, WORDS } from "../tokens/tokenizers.js";

const folder = await temporaryFolder();

/** A reader of its own, after the description of the format. */
const READER = `
import numpy as np
def read(path):
    raw = open(path, "rb").read()
    n = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:8 + n])
    data = raw[8 + n:]
    meta = header.pop("__metadata__", {})
    spans = sorted(h["data_offsets"] for h in header.values())
    assert (8 + n) % 8 == 0 and raw[8:9] == b"{"
    assert [b for b, _ in spans] == [0, *[e for _, e in spans]][:len(spans)] and (spans[-1][1] if spans else 0) == len(data)
    tensors = {}
    for name, h in header.items():
        assert h["dtype"] == "F32"
        b, e = h["data_offsets"]
        tensors[name] = np.frombuffer(data[b:e], "<f4").reshape(h["shape"])
    return meta, tensors
`;

function needs(...modules: string[]): { skip: boolean; why: string } {
  const why = lacks(...modules);
  return { skip: why !== undefined, why: why === undefined ? "" : ` (skipped: ${why})` };
}

const numpy = needs("numpy");
const safetensors = needs("numpy", "safetensors");
const tokenizers = needs("tokenizers");
const jinja = needs("jinja2");
const transformers = needs("transformers", "tokenizers", "jinja2");

describe("weights, seen by Python", () => {
  const tensors = new Map([
    ["matrix", filled([3, 5])],
    ["scalar", filled([])],
    ["none", filled([0, 2])],
    ['Ünïcode "quoted"\n', filled([7], 3)],
  ]);
  const listed = Object.fromEntries([...tensors].map(([name, { shape, data }]) => [name, { shape, data: [...data] }]));

  it.skipIf(numpy.skip)(`are what numpy reads${numpy.why}`, async () => {
    const path = join(folder, "ours.safetensors");
    await writeSafetensors(path, tensors, { note: "é" });
    const script = `${READER}
meta, tensors = read(given)
result = [meta, {k: {"shape": list(v.shape), "data": v.astype(float).ravel().tolist()} for k, v in tensors.items()}]`;
    expect(python(script, path)).toEqual([{ note: "é" }, listed]);
  });

  it.skipIf(safetensors.skip)(`are what the safetensors library reads${safetensors.why}`, async () => {
    const path = join(folder, "ours.safetensors");
    await writeSafetensors(path, tensors);
    const script = `
from safetensors.numpy import load_file
result = {k: {"shape": list(v.shape), "data": v.astype(float).ravel().tolist()} for k, v in load_file(given).items()}`;
    expect(python(script, path)).toEqual(listed);
  });

  it.skipIf(safetensors.skip)(`are read as the safetensors library writes them${safetensors.why}`, async () => {
    const path = join(folder, "theirs.safetensors");
    const script = `
import numpy as np
from safetensors.numpy import save_file
rng = np.random.default_rng(0)
made = {d: (rng.standard_normal((4, 3)) * 50).astype(d) for d in ["float64", "float32", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]}
save_file(made, given, metadata={"by": "numpy"})
result = {k: v.astype("float32").astype(float).ravel().tolist() for k, v in made.items()}`;
    const expected = python(script, path);
    const read = await readSafetensors(path);
    expect(read.metadata).toEqual({ by: "numpy" });
    expect(Object.fromEntries([...read.tensors].map(([name, { data }]) => [name, [...data]]))).toEqual(expected);
  });

  it.skipIf(safetensors.skip)(`are refused where the safetensors library refuses them${safetensors.why}`, async () => {
    await mkdir(join(folder, "hostile"));
    const sound = Buffer.from(
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}',
    );
    const whole = Buffer.concat([Buffer.from([sound.length, 0, 0, 0, 0, 0, 0, 0]), sound, Buffer.alloc(9)]);
    const changes = fc.sample(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(127)), { minLength: 1, maxLength: 2 }),
      {
        numRuns: 300,
        seed: 1,
      },
    );
    const paths: string[] = [];
    for (const [i, list] of changes.entries()) {
      const bytes = Buffer.from(whole);
      for (const [at, value] of list) bytes[at] = value;
      const path = join(folder, "hostile", `${i}.safetensors`);
      await writeFile(path, bytes);
      paths.push(path);
    }
    const script = `
from safetensors import safe_open
def opens(path):
    try:
        with safe_open(path, "np") as f: return bool(list(f.keys())) or True
    except Exception: return False
result = [opens(path) for path in given]`;
    const theirs = python(script, paths) as boolean[];
    const ours = await Promise.all(
      paths.map(async (path) =>
        readSafetensors(path).then(
          () => true,
          () => false,
        ),
      ),
    );
    const laxer = paths.filter((_, i) => ours[i] === true && theirs[i] === false);
    expect(laxer).toEqual([]);
    expect(ours.filter(Boolean).length).toBeGreaterThan(10);
  });
});

describe("tokenizers, seen by Python", () => {
  const samples = fc.sample(
    fc
      .array(
        fc.oneof(
          fc.constantFrom(...WORDS, "hello", " world", "  ", "\t", "\u0085", "٣", "🐂", "<", "é"),
          fc.string({ unit: "grapheme", maxLength: 4 }),
        ),
        {
          maxLength: 12,
        },
      )
      .map((parts) =>
        parts
          .join("")
          .replace(/\p{Surrogate}/gu, "?")
          .normalize("NFC"),
      ),
    { numRuns: 400, seed: 7 },
  );
  const files: readonly (readonly [string, Record<string, unknown>])[] = [
    ["whole words", buildWordTokenizer(WORDS)],
    ["bytes", byteLevelJson()],
    ["byte fallback", byteFallbackJson()],
  ];

  it.skipIf(tokenizers.skip).each(files)(`of %s give the same ids and texts${tokenizers.why}`, async (name, json) => {
    const path = join(folder, `${name}.json`);
    await writeFile(path, JSON.stringify(json));
    const tokenizer = Tokenizer.fromJson(json);
    const plain = samples.filter((text) => ![...tokenizer.controls.keys()].some((control) => text.includes(control)));
    const script = `
from tokenizers import Tokenizer
t = Tokenizer.from_file(given[0])
coded = [t.encode(s, add_special_tokens=False).ids for s in given[1]]
result = [[ids, t.decode(ids, skip_special_tokens=False)] for ids in coded]`;
    const theirs = python(script, [path, plain]) as [number[], string][];
    let known = 0;
    plain.forEach((text, i) => {
      const [ids, decoded] = theirs[i] as [number[], string];
      if (tokenizer.unknownWords(text).length > 0) {
        expect(ids, JSON.stringify(text)).toContain(tokenizer.idOf("<|unknown|>"));
        expect(() => tokenizer.encode(text)).toThrow(UnknownWordError);
        return;
      }
      known++;
      expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(decoded);
    });
    expect(known).toBeGreaterThan(15);
  });
});

describe("chats, seen by Python", () => {
  it.skipIf(jinja.skip).each(TEMPLATES)(
    `render as Jinja renders $name${jinja.why}`,
    ({ source, tokens, messages, rendered }) => {
      const script = `
from jinja2.sandbox import ImmutableSandboxedEnvironment
env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
result = env.from_string(given["source"]).render(messages=given["messages"], add_generation_prompt=True, **given["tokens"])`;
      expect(python(script, { source, tokens, messages })).toBe(rendered);
    },
  );

  it.skipIf(transformers.skip)(
    `have the ids that transformers gives them${transformers.why}`,
    { timeout: 300_000 },
    async () => {
      const chats = [
        [{ role: "user", content: "the cat" }],
        [
          { role: "system", content: "not of" },
          { role: "user", content: "sat on" },
          { role: "assistant", content: "a mat\n    x" },
          { role: "user", content: "x = 12" },
        ],
      ];
      const script = `
from transformers import AutoConfig, AutoTokenizer
t = AutoTokenizer.from_pretrained(given[0])
c = AutoConfig.from_pretrained(given[0])
def ids(chat, prompt):
    coded = t.apply_chat_template(chat, add_generation_prompt=prompt, tokenize=True)
    return list(coded["input_ids"] if hasattr(coded, "keys") else coded)
result = {"ids": [ids(chat, True) for chat in given[1]], "decoded": [t.decode(ids(chat, False)) for chat in given[1]],
    "config": [c.hidden_size, c.num_hidden_layers, c.vocab_size, c.tie_word_embeddings, c.eos_token_id], "tokens": [t.eos_token_id, t.pad_token_id, t.unk_token_id]}`;
      const written = join(folder, "model");
      await writeModelFolder(written, smallModel({ model_type: "llama" }));
      const { config, tokenizer, template } = await readModelFolder(written);
      expect(python(script, [written, chats])).toEqual({
        ids: chats.map((chat) => encodeChat(tokenizer, template, chat, { addGenerationPrompt: true }).ids),
        decoded: chats.map((chat) => tokenizer.decode(encodeChat(tokenizer, template, chat).ids)),
        config: [config.width, config.layers, config.vocabSize, config.tied, 5],
        tokens: [tokenizer.eosId, tokenizer.padId, 1],
      });

      const bytes = smallModel({ vocab_size: 300, eos_token_id: null });
      const other = Tokenizer.fromJson(byteLevelJson(), {
        ...BYTE_LEVEL_CONFIG,
        tokenizer_class: "PreTrainedTokenizerFast",
      });
      const qwen = TEMPLATES[0] as (typeof TEMPLATES)[number];
      await writeModelFolder(join(folder, "bytes"), { ...bytes, tokenizer: other, template: undefined });
      await writeFile(join(folder, "bytes", "chat_template.jinja"), qwen.source);
      const opened = await readModelFolder(join(folder, "bytes"));
      expect((python(script, [join(folder, "bytes"), [qwen.messages]]) as { ids: number[][] }).ids).toEqual([
        encodeChat(opened.tokenizer, opened.template, qwen.messages, { addGenerationPrompt: true }).ids,
      ]);
    },
  );
});
