/**
 * Variables of a chat template in a model's name, so that every plan, row and recipe that names the model says how it was
 * asked: `local:qwen3?enable_thinking=false`, `http://localhost:8000/v1#qwen3?enable_thinking=false`.
 */
import type { TemplateVariables } from "../capabilities/index.js";

const NAMED = /^(?<bare>.+?)\?(?<said>[A-Za-z_]\w*=[^?&#]*(?:&[A-Za-z_]\w*=[^?&#]*)*)$/s;

/** A model's name without its variables, and these. */
export function splitVariables(name: string): { readonly bare: string; readonly variables: TemplateVariables } {
  const { bare = name, said } = NAMED.exec(name)?.groups ?? {};
  const pairs = said?.split("&").map((pair) => variableOf(pair, decoded)) ?? [];
  return { bare, variables: Object.fromEntries(pairs) };
}

/** The name with these variables, each in place of one that it had; in the order of their names. */
export function withVariables(name: string, more: TemplateVariables): string {
  const { bare, variables } = splitVariables(name);
  const all = Object.entries({ ...variables, ...more }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const said = all.map(([key, value]) => `${key}=${encodeURIComponent(textOf(value))}`);
  return said.length === 0 ? bare : `${bare}?${said.join("&")}`;
}

/** `enable_thinking=false`: what is JSON is meant as JSON, anything else is a text. */
export function variableOf(pair: string, read = (text: string): string => text): [name: string, value: unknown] {
  const at = pair.indexOf("=");
  const text = read(pair.slice(at + 1));
  try {
    return [pair.slice(0, at), JSON.parse(text) as unknown];
  } catch {
    return [pair.slice(0, at), text];
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A text that would be read as JSON stands in quotes. */
function textOf(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value) ?? "null";
  try {
    JSON.parse(value);
    return JSON.stringify(value);
  } catch {
    return value;
  }
}
