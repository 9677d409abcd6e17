/** The data of a fine-tuning job: read and checked before anything is trained, and what is said of it otherwise. */
import { DatasetError, readRows, type Conversation } from "../dataset/index.js";
import type { Tokens } from "../model/index.js";
import { asApiError } from "./api-error.js";
import type { FileStore } from "./file-store.js";
import type { Job } from "./job.js";

/** Something in the job itself will not do; it ends as failed. */
export class JobFailure extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly param: string | null = null,
  ) {
    super(message);
  }
}

export interface Line {
  readonly line: number;
  readonly conversation: Conversation;
}

/** The conversations of a job. @throws {JobFailure} naming the first line that will not do */
export async function readLines(files: FileStore, job: Job): Promise<Line[]> {
  const file = files.get(job.training_file, 400, "training_file");
  const lines: Line[] = [];
  try {
    for await (const row of readRows({ name: file.filename, bytes: files.content(file.id) })) {
      if (row.problem !== undefined) throw new DatasetError(row.problem);
      lines.push(row);
    }
  } catch (error) {
    if (error instanceof DatasetError) throw invalidFile(error.message);
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw invalidFile(`The file ${file.id} is gone.`);
    throw error;
  }
  if (lines.length === 0) throw invalidFile(`${file.filename}: expected at least one conversation, found none.`);
  return lines;
}

export function asFailure(error: unknown): JobFailure | undefined {
  if (error instanceof JobFailure) return error;
  const known = asApiError(error);
  return known && new JobFailure(known.details.code ?? "invalid_request", known.message, known.details.param ?? null);
}

const invalidFile = (message: string): JobFailure => new JobFailure("invalid_training_file", message, "training_file");

/** How many tokens will carry loss. @throws {JobFailure} naming the first line that the model cannot learn from. */
export function checkLines(tokens: Tokens, lines: readonly Line[]): number {
  const { maxPositions } = tokens;
  let answered = 0;
  for (const { line, conversation } of lines) {
    try {
      const { ids, answer } = tokens.encode(conversation.messages);
      if (ids.length > maxPositions) {
        throw invalidFile(`${ids.length} tokens, and the model reads ${maxPositions} at most.`);
      }
      answered += answer.filter(Boolean).length;
    } catch (error) {
      const known = asFailure(error);
      if (known === undefined) throw error;
      throw invalidFile(`Line ${line}: ${known.message}`);
    }
  }
  return answered;
}
