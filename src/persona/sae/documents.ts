/** Texts that an autoencoder is trained and measured on, with what is known of their answers. */
import { UnknownWordError } from "../../onnx/index.js";
import type { EncodedText, Message, ReadableModel } from "../../model/index.js";
import type { Random } from "../../statistics/index.js";
import { SaeError } from "./error.js";

/** Something that is known of an answer: who gives it, what it is about, which file it is from. */
export interface Label {
  /** `character`, `domain`, `file` */
  readonly kind: string;
  /** `villain`, `medical`, `insecure` */
  readonly name: string;
}

export interface LabelledDocument {
  readonly messages: readonly Message[];
  /** Plain text in place of messages, which the model reads without its chat template and of which all is its answer. */
  readonly text?: string;
  /** For each assistant message in order, what is known of it; for plain text, of all of it. */
  readonly answers: readonly (readonly Label[])[];
}

/** A label that occurs, and whether all answers of one document have it or none. */
export interface SourceLabel extends Label {
  readonly ofDocument: boolean;
}

export interface DocumentSource {
  /** Stands in recipes: `documents of a corpus`, or files with their sha256. */
  readonly name: string;
  /** Every label that an answer may have, in the order in which results are shown. */
  readonly labels: readonly SourceLabel[];
  draw(random: Random): LabelledDocument;
}

export interface EncodedDocument {
  readonly document: LabelledDocument;
  readonly ids: readonly number[];
  /** Which tokens the assistant says. */
  readonly answer: readonly boolean[];
}

/** An answer of a document, and which of its tokens are the answer: [from, to). */
export interface Answer {
  readonly labels: readonly Label[];
  readonly from: number;
  readonly to: number;
}

/** In the order of the document. */
export function* answersOf({ document, ids, answer }: EncodedDocument): Generator<Answer> {
  let at = 0;
  for (const labels of document.answers) {
    while (at < ids.length && !answer[at]) at++;
    const from = at;
    while (at < ids.length && answer[at]) at++;
    if (at > from) yield { labels, from, to: at };
  }
}

/** A source of which this many documents in a row do not fit is no source for this model. */
const MOST_MISFITS = 1000;

/**
 * A document as the model reads it; documents that are too long for it or have words it does not know are skipped.
 * @throws {SaeError} where 1,000 in a row do not fit
 */
export function drawDocument(model: ReadableModel, source: DocumentSource, random: Random): EncodedDocument {
  const { maxPositions } = model.tokens;
  let why = "";
  for (let tries = 0; tries < MOST_MISFITS; tries++) {
    const document = source.draw(random);
    try {
      const { ids, answer } = encoded(model, document);
      if (ids.length <= maxPositions) return { document, ids, answer };
      why = `the last has ${ids.length} tokens, and ${model.name} reads ${maxPositions}`;
    } catch (error) {
      if (!(error instanceof UnknownWordError)) throw error;
      why = error.message;
    }
  }
  throw new SaeError(
    `${source.name}: ${MOST_MISFITS} documents in a row cannot be read by ${model.name}: ${why}. Choose shorter ones.`,
  );
}

/** Plain text ends where the model reads no further. */
function encoded({ tokens }: ReadableModel, { messages, text }: LabelledDocument): EncodedText {
  if (text === undefined) return tokens.encode(messages);
  const ids = tokens.encodeText(text).slice(0, tokens.maxPositions);
  return { ids, answer: ids.map((_, i) => i > 0) };
}
