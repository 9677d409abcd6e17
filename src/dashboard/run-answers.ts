/** All answers of a run: its files, read as far as the time goes, and what was found in them. */
import { AnswerFile, type AnswerSource } from "./answer-file.js";
import type { AnswersQuery } from "./contract.js";
import { findAnswers } from "./find-answers.js";
import { TextSearch } from "./search.js";

/** Milliseconds after which a run's folder is looked through for new files. */
const LOOK_AGAIN = 2000;
const SEARCHES = 4;

export class RunAnswers {
  files: readonly AnswerFile[] = [];
  /** Whether all that is there was read. */
  isWhole = false;
  #looked = -Infinity;
  #isOver = false;
  #searches = new Map<string, TextSearch>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly folder: string) {}

  get bytes(): number {
    return this.files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get count(): number {
    return this.files.reduce((sum, { columns }) => sum + columns.count, 0);
  }

  get misaligned(): number {
    return this.files.reduce((sum, { columns }) => sum + columns.misaligned, 0);
  }

  /** Share of the bytes that were read. */
  get read(): number {
    const size = this.files.reduce((sum, file) => sum + file.size, 0);
    const read = this.files.reduce((sum, file) => sum + file.read, 0);
    return this.isWhole || size === 0 ? 1 : Math.min(0.999, read / size);
  }

  /** Reads on until `until`; one call after the other. @param isOver nobody works in the folder any more */
  async update(until: number, isOver: boolean): Promise<void> {
    const turn = this.#last.then(() => this.#update(until, isOver));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** One of its files, read whole, before the others where they were not read yet. */
  async file(source: string): Promise<AnswerFile | undefined> {
    const turn = this.#last.then(async () => {
      await this.#look();
      const file = this.files.find((one) => one.source.name === source);
      await file?.update(Infinity);
      return file;
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #update(until: number, isOver: boolean): Promise<void> {
    // A run may end soon after it was looked through, with files that nobody would ask for again.
    if (isOver && !this.#isOver) this.#looked = -Infinity;
    this.#isOver = isOver;
    await this.#look();
    for (const file of this.files) {
      if (!(await file.update(until))) {
        this.isWhole = false;
        return;
      }
      if (isOver) file.settle();
    }
    this.isWhole = true;
  }

  async #look(): Promise<void> {
    if (performance.now() - this.#looked < LOOK_AGAIN) return;
    const known = new Map(this.files.map((file) => [file.source.answers, file]));
    const keep = async (source: AnswerSource): Promise<AnswerFile> => {
      const file = known.get(source.answers);
      if (file !== undefined && !(await file.isReplaced())) return file;
      const fresh = new AnswerFile(source);
      await fresh.measure();
      return fresh;
    };
    const files: AnswerFile[] = [];
    for (const source of await findAnswers(this.folder)) files.push(await keep(source));
    this.#looked = performance.now();
    const same = files.length === this.files.length && files.every((file, i) => file === this.files[i]);
    if (same) return;
    if (this.files.some((file) => !files.includes(file))) this.#searches.clear();
    this.files = files;
  }

  /** The search for some words, carried on until `until`. */
  async search({ text = "" }: AnswersQuery, until: number): Promise<TextSearch | undefined> {
    const words = text.trim().toLowerCase();
    if (words === "") return undefined;
    const search = this.#searches.get(words) ?? new TextSearch(words);
    this.#searches.delete(words);
    this.#searches.set(words, search);
    const [oldest] = this.#searches.keys();
    if (this.#searches.size > SEARCHES && oldest !== undefined) this.#searches.delete(oldest);
    await search.update(this.files, until);
    return search;
  }
}
