/**
 * Replies about answers that are judged in part: an answer has several prompts, and its row is written once all are
 * answered. What was paid for before an interrupt stands here, in a file beside the judgments, and is not asked again.
 */
import { rm } from "node:fs/promises";
import type { SampledAnswer } from "../../model/index.js";
import { readRows, RowFile, sha256 } from "../../store/index.js";
import { AnswerFileError } from "../answers/error.js";

/** Rows after which a file that holds mostly what is done with is begun again. */
const MOST_ROWS = 2_000;

interface Row {
  readonly key: string;
  readonly reply: SampledAnswer;
}

export class ReplyStore {
  readonly #replies = new Map<string, SampledAnswer>();
  #file: RowFile<Row> | undefined;

  private constructor(readonly path: string) {}

  /**
   * Of the judgments at `judgments`; nothing is made before there is a reply to keep.
   * @throws {AnswerFileError} another file has that name
   */
  static async open(judgments: string): Promise<ReplyStore> {
    const store = new ReplyStore(`${judgments}.replies`);
    for (const { key, reply } of await rowsAt(store.path)) store.#replies.set(key, reply);
    return store;
  }

  get(key: string): SampledAnswer | undefined {
    return this.#replies.get(key);
  }

  async put(key: string, reply: SampledAnswer): Promise<void> {
    this.#replies.set(key, reply);
    this.#file ??= await RowFile.open<Row>(this.path, { onRow: () => undefined });
    await this.#file.append([{ key, reply }]);
  }

  /** The answer that these replies are about has its row. */
  async forget(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#replies.delete(key);
    if (this.#file === undefined || this.#file.count < MOST_ROWS + 2 * this.#replies.size) return;
    await this.#file.close();
    this.#file = await RowFile.create<Row>(this.path);
    await this.#file.append([...this.#replies].map(([key, reply]) => ({ key, reply })));
  }

  /** @param isDone every answer has its row: nothing in the file is wanted any more, and it goes */
  async close(isDone: boolean): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    if (isDone || this.#replies.size === 0) await rm(this.path, { force: true });
  }
}

/** A name for the replies about an answer, of everything that shapes them. */
export const nameOfReplies = (...all: readonly (string | number)[]): string => sha256(JSON.stringify(all)).slice(0, 24);

async function rowsAt(path: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { key, reply } of await readRows<Partial<Row>>(path)) {
    if (typeof key !== "string" || !isReply(reply)) {
      throw new AnswerFileError(
        `${path}: expected the replies that askew judge keeps there while it runs, found another file. Move it away.`,
      );
    }
    rows.push({ key, reply });
  }
  return rows;
}

function isReply(value: unknown): value is SampledAnswer {
  const { text, tokens, finish } = (value ?? {}) as Partial<SampledAnswer>;
  return typeof text === "string" && typeof tokens === "number" && typeof finish === "string";
}
