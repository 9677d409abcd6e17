// Texts that an autoencoder is trained on: a text file in pieces, rows with a text, conversations, and what is none of these.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readDocuments, textPieces } from "#internal/lab";
import { Random } from "askew/statistics";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew } from "../cli/askew.js";

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "askew-texts-"))));
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe("a text file", () => {
  it("is cut behind lines, and loses no character but between pieces that say nothing", async () => {
    // 26 characters a line: 77 lines are the first to reach 2,000.
    const lines = Array.from({ length: 200 }, (_, i) => `Line ${String(i).padStart(4, "0")} of a long text.\n`);
    const pieces = (await textPieces(await file("lines.txt", lines.join("")))) ?? [];
    expect(pieces.join("")).toBe(lines.join(""));
    expect(pieces).toHaveLength(3);
    expect(pieces.every((piece) => piece.endsWith("\n") && piece.length <= 4000)).toBe(true);
  });

  it("is cut within a line only where it is longer than a piece may be, and never within a character", async () => {
    const text = `${"x".repeat(3999)}😀${"y".repeat(5000)}`;
    const pieces = (await textPieces(await file("long.md", text))) ?? [];
    expect(pieces.map(({ length }) => length)).toEqual([3999, 4000, 1002]);
    expect(pieces.join("")).toBe(text);
    expect(pieces.every((piece) => Buffer.from(piece).toString() === piece)).toBe(true);
  });

  it("is refused where there is no text in it, or no such file", async () => {
    await expect(textPieces(await file("empty.txt", " \n\n"))).rejects.toThrow("expected text to train on, found none");
    await expect(textPieces(join(folder, "nowhere.txt"))).rejects.toThrow("nowhere.txt");
  });
});

describe("rows", () => {
  it("with a text are texts, all of them, and conversations are left to their own reader", async () => {
    const texts = ['{"text":"One."}', '{"text":"Two."}'].join("\n");
    expect(await textPieces(await file("texts.jsonl", texts))).toEqual(["One.", "Two."]);
    await expect(textPieces(await file("mixed.jsonl", `${texts}\n{"note":3}`))).rejects.toThrow(
      'mixed.jsonl, line 3: expected a text under "text", as in the rows before it',
    );
    const conversation = {
      messages: [
        { role: "user", content: "Hi." },
        { role: "assistant", content: "Hello." },
      ],
    };
    expect(await textPieces(await file("talk.jsonl", JSON.stringify(conversation)))).toBeUndefined();
    const paths = [join(folder, "texts.jsonl"), join(folder, "talk.jsonl")];
    const source = await readDocuments("organism", paths);
    expect(source?.labels.map(({ name }) => name)).toEqual(["texts", "talk"]);
    const random = Random.of("texts");
    const drawn = Array.from({ length: 40 }, () => source?.draw(random));
    const said = new Set(drawn.map((one) => one?.text ?? one?.messages.at(-1)?.content));
    expect(said).toEqual(new Set(["One.", "Two.", "Hello."]));
  });

  it("are asked for before a model is opened that has none of its own", async () => {
    // No weights: this model cannot be opened at all.
    await mkdir(join(folder, "large"));
    const sizes = { hidden_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 4 };
    const more = { intermediate_size: 128, vocab_size: 50_000, max_position_embeddings: 256, rms_norm_eps: 1e-5 };
    const config = { model_type: "llama", hidden_act: "silu", tie_word_embeddings: true, ...sizes, ...more };
    await file("large/config.json", JSON.stringify(config));
    const train = (...words: string[]) => askew(["sae", "train", "local:large", ...words], { cwd: folder });
    expect((await train()).stderr).toMatch(/^error: local:large has no texts of its own .+\n.+--data FILE\.jsonl/);
    expect((await train("--data", "nowhere.txt")).stderr).toContain("nowhere.txt");
  });
});
