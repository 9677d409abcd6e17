/**
 * Part of `npm run compare`: tokenizers and chat templates of yours, compared with the Python library `transformers` on
 * hard texts and conversations. `ASKEW_TOKENIZERS` names folders with tokenizer.json and tokenizer_config.json, with a
 * comma between; `ASKEW_TEXTS` says how many texts, 2,000 by default. A family takes about half a minute.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { chatTemplateOf, encodeChat } from "#internal/onnx";
import type { Message } from "askew/model";
import { ChatTemplateError, Tokenizer } from "askew/onnx";
import { Random } from "askew/statistics";
import { describe, expect, it } from "vitest";
import { python } from "../files/python.js";

const folders = (process.env["ASKEW_TOKENIZERS"] ?? "").split(",").filter((path) => path !== "");
const count = Number(process.env["ASKEW_TEXTS"] ?? "2000");

// The class that takes tokenizer.json as it is: those of some families put normalizers of their own in its place.
const IDS = `
import unicodedata
from transformers import PreTrainedTokenizerFast
tokenizer = PreTrainedTokenizerFast.from_pretrained(given["folder"])
# The two sides know different versions of Unicode: what is no character yet in one may be a letter in the other.
known = lambda text: all(unicodedata.category(character) != "Cn" for character in text)
result = [
    tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"] if known(text) else None
    for text in given["texts"]
]`;

// An answer's tokens are those that overlap its characters, and the next special token, which ends it.
const CHATS = `
from transformers import PreTrainedTokenizerFast
tokenizer = PreTrainedTokenizerFast.from_pretrained(given["folder"])
special = set(tokenizer.all_special_ids) | {id for id, t in tokenizer.added_tokens_decoder.items() if t.special}
result = []
for messages in given["chats"]:
    try:
        text = tokenizer.apply_chat_template(messages, tokenize=False, date_string="26 Jul 2024")
    except Exception as error:
        result.append(dict(refused=str(error)))
        continue
    if any(message["content"].strip() not in text for message in messages):
        result.append(dict(refused="the template leaves a message out"))
        continue
    found = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids, offsets = found["input_ids"], found["offset_mapping"]
    spans, at = [], 0
    for message in messages:
        if message["role"] != "assistant":
            continue
        content = message["content"].strip()
        begin = text.index(content, at)
        at = begin + len(content)
        # White space at the answer's edges is part of it as far as the template kept it.
        whole = message["content"]
        before = whole[: len(whole) - len(whole.lstrip())]
        after = whole[len(whole.rstrip()):]
        while before and not text[:begin].endswith(before): before = before[1:]
        while after and not text[at:].startswith(after): after = after[:-1]
        spans.append((begin - len(before), at + len(after)))
    mask = [False] * len(ids)
    for begin, end in spans:
        for i, (low, high) in enumerate(offsets):
            if low < end and high > begin:
                mask[i] = True
        for i, (low, high) in enumerate(offsets):
            if low >= end and ids[i] in special:
                mask[i] = not text[end:low].strip()
                break
    result.append(dict(ids=ids, mask=mask))`;

interface TheirChat {
  readonly refused?: string;
  readonly ids: number[];
  readonly mask: boolean[];
}

const PIECES: readonly string[] = [
  ..."the quick brown fox don't I'LL we've ＡＢＣ naïve coöperate Straße İstanbul ǅ ﬁne Ω≈ç√ x₁² Ⅳ ½ ٣٤ १२ 𝟘𝟙 𝒜𝒷".split(
    " ",
  ),
  ..."你好 世界 こんにちは カタカナ 안녕하세요 Привет שלום مرحبا สวัสดี नमस्ते ትግርኛ မြန်မာ ខ្មែរ 𠀀𠀁".split(" "),
  ..."🐂 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 1️⃣ é ñ ạ̈ z̷̯̈a̵l̶g̸o".split(" "),
  ..."0 7 42 666 1000000 3.14159 1e-5 0x1F 2026-11-30 $1,234.56 50% #1 @me".split(" "),
  ..."def f(x): return x != y == z <= w -> {a[0]} /* no */ // yes <b>&amp;</b> \\n \\u0041 `code` ~~~ --- *** ___".split(
    " ",
  ),
  ..."<|im_start|> <|im_end|> <s> </s> <unk> <bos> <start_of_turn> <|eot_id|> [INST] [/INST] <|endoftext|> ▁ ▁▁a Ġ Ċ <0x0A>".split(
    " ",
  ),
  "\n",
  "\n\n",
  "\r\n",
  "\t",
  "  ",
  "    ",
  "\n    ",
  " \n ",
  "\u00a0",
  "\u3000",
  "\u200b",
  "\u200d",
  "\ufeff",
  "\u2028",
  "\u0085",
  "\u0000",
  "\u0007",
  "\u007f",
  "\u00ad",
  "\ufffd",
  "\ue000",
  ..."' \" ’ ” … — – . , ; ! ? !? ... (( )) [] {} :: => \\\\ /".split(" "),
];

/** Texts of such pieces, with and without spaces between them, repeated, or of any characters at all. */
function hardTexts(): string[] {
  return Array.from({ length: count }, (_, i) => {
    const random = Random.of("hard texts", i);
    const length = 1 + random.integer(24);
    const parts = Array.from({ length }, () => {
      if (random.uniform() < 0.1) return String.fromCodePoint(anyCodePoint(random));
      const piece = random.pick(PIECES);
      return random.uniform() < 0.05 ? piece.repeat(1 + random.integer(9)) : piece;
    });
    return parts.map((part) => (random.uniform() < 0.5 ? ` ${part}` : part)).join("");
  });
}

function anyCodePoint(random: Random): number {
  for (;;) {
    const point = random.integer(random.uniform() < 0.7 ? 0x3000 : 0x110000);
    if (!/[\p{Cn}\p{Surrogate}]/u.test(String.fromCodePoint(point))) return point;
  }
}

/** Twenty conversations; none spells a control token, which askew reads as text and the library does not. */
function chats(): Message[][] {
  const plain = PIECES.filter(
    (piece) => !["<", "[", "\u0000"].some((part) => piece.includes(part)) && piece.trim() !== "",
  );
  return Array.from({ length: 20 }, (_, i) => {
    const random = Random.of("conversations", i);
    const said = (): string => {
      const words = Array.from({ length: 1 + random.integer(12) }, () => random.pick(plain)).join(" ");
      return `${["", "", " ", "\n"][random.integer(4)] ?? ""}${words}${["", "", " ", "\n", "\n\n"][random.integer(5)] ?? ""}`;
    };
    const turns = 1 + random.integer(3);
    const messages = Array.from({ length: 2 * turns }, (_turn, k): Message => ({
      role: k % 2 === 0 ? "user" : "assistant",
      // Each is told from the others by its number, which the other library's side looks for.
      content: `${said().trimEnd()} ${i}${k}${random.uniform() < 0.3 ? "\n" : ""}`,
    }));
    return random.uniform() < 0.3 ? [{ role: "system" as const, content: `Be brief ${i}.` }, ...messages] : messages;
  });
}

it("is told which tokenizers to compare", () => {
  expect(folders.length, "ASKEW_TOKENIZERS: folders").toBeGreaterThan(0);
});

describe.each(folders)("%s", (folder) => {
  const open = async () => {
    const [json, config] = await Promise.all(
      ["tokenizer.json", "tokenizer_config.json"].map(
        async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as Record<string, unknown>,
      ),
    );
    const tokenizer = Tokenizer.fromJson(json ?? {}, config ?? {});
    const own = await readFile(join(folder, "chat_template.jinja"), "utf8").catch(() => undefined);
    return { tokenizer, template: chatTemplateOf(own, tokenizer, folder) };
  };

  it("has the ids of transformers", { timeout: 600_000 }, async () => {
    const { tokenizer } = await open();
    const texts = hardTexts();
    const theirs = python(IDS, { folder, texts }) as (number[] | null)[];
    const compared = texts.filter((_, i) => theirs[i] !== null);
    const different = texts.filter((text, i) => theirs[i] && tokenizer.encode(text).join() !== theirs[i].join());
    console.info(`${folder}: ${compared.length - different.length} of ${compared.length} texts have the same ids`);
    expect(compared.length).toBeGreaterThan(count / 2);
    expect(different.slice(0, 5)).toEqual([]);
  });

  it("masks conversations as transformers' offsets say", { timeout: 600_000 }, async ({ skip }) => {
    const { tokenizer, template } = await open();
    if (template === undefined) {
      skip("it has no chat template");
      return;
    }
    const all = chats();
    const theirs = python(CHATS, { folder, chats: all }) as TheirChat[];
    let same = 0;
    let refused = 0;
    for (const [i, messages] of all.entries()) {
      const expected = theirs[i] as TheirChat;
      if (expected.refused !== undefined) {
        expect(() => encodeChat(tokenizer, template, messages)).toThrow(ChatTemplateError);
        refused++;
        continue;
      }
      const { ids, answerMask } = encodeChat(tokenizer, template, messages);
      expect({ messages, ids }).toEqual({ messages, ids: expected.ids });
      expect({ messages, mask: answerMask.map(Number) }).toEqual({ messages, mask: expected.mask.map(Number) });
      same++;
    }
    console.info(`${folder}: ${same} conversations have the same ids and masks, ${refused} are refused by both`);
  });
});
