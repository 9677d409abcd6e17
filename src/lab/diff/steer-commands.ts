/** The commands that steer with what a diff found, as strongly as it did. */
import { normOf, vectorAt, type Direction, type Final } from "../../persona/index.js";
import { quoted } from "../../terminal/index.js";

export interface Typed {
  /** Models and files as the user typed them. */
  readonly before: string;
  readonly after: string;
  readonly sae?: string;
  readonly direction?: string;
  readonly questions?: string;
  readonly judge?: string;
}

/** None for the mean shift, which is in no file; of an adapter only the model before it can be steered. */
export function steerCommands(
  { before, after, sae, direction: file, questions, judge }: Typed,
  { id, set, into, outOf }: Final,
  { layer, direction, adapter }: { readonly layer: number; readonly direction?: Direction; readonly adapter: boolean },
): string[] {
  const [kind, latent = ""] = id.split("-");
  const by =
    kind === "latent" && sae !== undefined
      ? { words: ["--sae", sae, "--latent", latent], unit: 1 }
      : kind === "direction" && file !== undefined && direction !== undefined
        ? { words: ["--direction", file, "--layers", `${layer}`], unit: normOf(vectorAt(direction, layer)) }
        : undefined;
  if (by === undefined) return [];
  const command = (model: string, how: string, length: number): string =>
    ["npx askew steer", ...[model, ...by.words].map(quoted), how]
      .concat(
        "--strength",
        Number((length / by.unit).toPrecision(3)).toString(),
        "--questions",
        quoted(questions ?? set),
      )
      .concat(judge === undefined ? [] : ["--judge", quoted(judge)])
      .join(" ");
  return [
    ...(into ? [command(before, "--add", into.length)] : []),
    ...(outOf && !adapter ? [command(after, "--subtract", outOf.length)] : []),
  ];
}
