/** Prints what --json promises: an indented object, or a line of a stream of them. */
import { inEnvelope, type JsonKind } from "../text/index.js";

export const printJson = (kind: JsonKind, value: object): void =>
  void process.stdout.write(`${JSON.stringify(inEnvelope(kind, value), null, 2)}\n`);

export const printJsonLine = (kind: JsonKind, value: object): void =>
  void process.stdout.write(`${JSON.stringify(inEnvelope(kind, value))}\n`);
