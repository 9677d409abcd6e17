// The help of every command there is.
import { expect } from "vitest";
import { askew } from "../cli/askew.js";

export interface Help {
  readonly command: string;
  readonly text: string;
}

/** `askew help --all`, taken apart where the next one begins. */
export async function everyHelp(env: Readonly<Record<string, string>>): Promise<Help[]> {
  const { code, stdout, stderr } = await askew(["help", "--all"], { env });
  expect([code, stderr]).toEqual([0, ""]);
  const texts = stdout.split(/^(?=Usage: )/m);
  return texts.map((text) => ({ command: /^Usage: (askew(?: [a-z-]+)*)/.exec(text)?.[1] ?? "", text }));
}
