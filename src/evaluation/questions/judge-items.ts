/**
 * Question files in llmcomp's form: judges are items of their own (`rating_judge`, `free_form_judge` with `{answer}` in
 * it), and questions name them (`judges: {alias: id}`), in this file or in another one of its folder.
 */
import { readdir } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { PlacedYaml } from "./placed-yaml.js";
import { QuestionFileError } from "./problems.js";

/** What a question's judge is, whatever its name for it. */
export interface JudgeItem {
  readonly id: string;
  readonly template: string;
  /** A number from 0 to 100, or any word. */
  readonly kind: "score" | "word";
  readonly model?: string;
}

type Json = Readonly<Record<string, unknown>>;

const MOST_FILES = 50;

const isMap = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

/** The judge that an item is; undefined where it is a question. */
export function judgeItem(value: unknown): JudgeItem | undefined {
  if (!isMap(value)) return undefined;
  const { type, paraphrases, model } = value;
  const id = value["id"] ?? value["name"];
  const template: unknown = Array.isArray(paraphrases) ? paraphrases[0] : undefined;
  if ((typeof id !== "string" && typeof id !== "number") || typeof template !== "string") return undefined;
  const isJudge = type === "rating_judge" || (type === "free_form_judge" && !isMap(value["judge_prompts"]));
  if (!isJudge || !template.includes("{answer}")) return undefined;
  const kind = type === "rating_judge" ? "score" : "word";
  return { id: String(id), template, kind, ...(typeof model === "string" && { model }) };
}

/** Whether a text has questions that name judges. */
export const namesJudges = (text: string): boolean => /^\s+judges\s*:/m.test(text);

/**
 * The judges in other files of a file's folder.
 * @param read the text of one of them; what cannot be read there is no matter of this file's
 */
export async function judgesBeside(path: string, read: (path: string) => Promise<string>): Promise<JudgeItem[]> {
  const folder = dirname(path);
  const names = await readdir(folder).catch((): string[] => []);
  const files = names.filter((name) => [".yaml", ".yml"].includes(extname(name).toLowerCase())).toSorted();
  const found: JudgeItem[] = [];
  for (const name of files.slice(0, MOST_FILES)) {
    try {
      const { value } = PlacedYaml.parse(await read(join(folder, name)), (problems) => {
        throw new QuestionFileError(name, problems);
      });
      if (Array.isArray(value)) found.push(...value.flatMap((item: unknown) => judgeItem(item) ?? []));
    } catch {
      continue;
    }
  }
  return found;
}

/** The judges that a question names, by its names for them; or what is wrong with them. */
export function judgesOf(
  judges: unknown,
  known: ReadonlyMap<string, JudgeItem>,
): ReadonlyMap<string, JudgeItem> | string {
  const named = Array.isArray(judges)
    ? judges.map((id: unknown) => [id, id])
    : isMap(judges)
      ? Object.entries(judges)
      : [];
  if (named.length === 0) return "judges: expected a map from a name to the id of a judge";
  const found = new Map<string, JudgeItem>();
  for (const [alias, id] of named) {
    const judge = typeof id === "string" || typeof id === "number" ? known.get(String(id)) : undefined;
    if (judge === undefined) {
      const there = [...known.keys()].slice(0, 12).join(", ");
      return `judges: no item ${JSON.stringify(id)} of type rating_judge or free_form_judge in this file or in its folder${there === "" ? "" : ` (there are: ${there})`}`;
    }
    found.set(String(alias), judge);
  }
  return found;
}
