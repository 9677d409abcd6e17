/** Names in a study's file: of models, and of judges. */
import { isEndpointName, parseEndpointName } from "../../model/index.js";
import { nearest } from "../../text/index.js";

/** What is wrong with the name of a model; undefined where nothing is. */
export function wrongModel(name: string): string | undefined {
  if (name === "organism" || /^(?:local|torch):./.test(name)) return undefined;
  if (!isEndpointName(name)) {
    const near = nearest(name, ["organism"]).length === 0 ? "" : " Did you mean organism?";
    return `no model is named ${JSON.stringify(name)}: expected organism, local:DIR, torch:DIR, openai:NAME or URL#NAME.${near}`;
  }
  try {
    parseEndpointName(name);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The same for a judge. */
export function wrongJudge(name: string): string | undefined {
  if (name === "exact") return undefined;
  return wrongModel(name)?.replace(
    /^no model is named (.*): expected organism/,
    "no judge is named $1: expected exact, organism",
  );
}
