/** What is wrong with a file of a model, and what to do about it. */
export interface ModelFileProblem {
  /** Path of the file, or its plain name when it never was on disk. */
  readonly file: string;
  /** What inside the file: a tensor, a key, a token. */
  readonly subject?: string;
  readonly expected: string;
  readonly found: string;
  readonly cure: string;
}

/** A file of a model (weights, config, tokenizer, chat template, adapter) cannot be used as it is. */
export class ModelFileError extends Error implements ModelFileProblem {
  override readonly name = "ModelFileError";
  readonly file: string;
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
  readonly cure: string;

  constructor(problem: ModelFileProblem, options?: ErrorOptions) {
    const { file, subject = "", expected, found, cure } = problem;
    super(`${file}: ${subject === "" ? "" : `${subject}: `}expected ${expected}, found ${found}. ${cure}`, options);
    this.file = file;
    this.subject = subject;
    this.expected = expected;
    this.found = found;
    this.cure = cure;
  }
}

/** A value as an error message shows it: JSON, cut after 80 characters. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  let text: string;
  try {
    text = typeof value === "object" && value !== null ? briefly(value) : (JSON.stringify(value) ?? typeof value);
  } catch {
    text = typeof value;
  }
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** Objects of files may be huge or endlessly nested, so only their outside is shown. */
function briefly(value: object): string {
  if (!Array.isArray(value)) return `an object with ${Object.keys(value).length} keys`;
  const plain = value.length <= 16 && value.every((item) => typeof item !== "object" || item === null);
  return plain ? JSON.stringify(value) : `a list of ${value.length}`;
}
