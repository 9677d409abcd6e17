/** One answer in full: the whole conversation, and all that each judge said of it. */
import { idOf } from "./answer-file.js";
import { lineOf } from "./answers-page.js";
import type { ConversationView, JudgmentView, TokenChance } from "./contract.js";
import { GrowingLines } from "./growing-lines.js";
import type { Notes } from "./notes.js";
import { isObject, isText, objectIn, usePlain } from "./plain-file.js";
import { readRow } from "./find-rows.js";
import { contentOf } from "./search.js";
import type { Place } from "./select-rows.js";

type Row = Readonly<Record<string, unknown>>;

const MOST_JUDGMENTS = 100;
const ABOUT_THE_ANSWER = new Set(["id", "set", "question", "judge", "rulings", "messages", "answer", "reasoning"]);

/** Undefined where the answer went. */
export async function conversationAt(place: Place, notes: Notes): Promise<ConversationView | undefined> {
  const row = await readRow(place.file, place.row);
  if (row === undefined) return undefined;
  const { messages, answer, reasoning } = row;
  const own = "aligned" in row || "misaligned" in row ? [judgmentOf(row)] : [];
  return {
    line: lineOf(place, row, await notes.all()),
    messages: Array.isArray(messages)
      ? messages
          .filter(isObject)
          .map((one) => ({ role: isText(one["role"]) ? one["role"] : "", content: contentOf(one) ?? "" }))
      : [],
    answer: isText(answer) ? answer : "",
    ...(isText(reasoning) && { reasoning }),
    facts: plainColumns(row),
    judgments: [...own, ...(await judgmentsOf(place, idOf(row, place.row)))],
  };
}

async function judgmentsOf({ file }: Place, id: string): Promise<JudgmentView[]> {
  const found: JudgmentView[] = [];
  // A row that speaks of it holds its id as JSON writes it; others need not be parsed.
  const written = JSON.stringify(id);
  await usePlain(file.source.judgments, (handle) =>
    new GrowingLines().read(handle, Infinity, (line) => {
      if (found.length >= MOST_JUDGMENTS || !line.includes(written)) return;
      const row = objectIn(line);
      if (row?.["id"] === id) found.push(judgmentOf(row));
    }),
  );
  return found;
}

function judgmentOf(row: Row): JudgmentView {
  const { judge, misaligned, rulings } = row;
  return {
    judge: isText(judge) ? judge : "in the answer's own row",
    scores: plainColumns(row),
    misaligned: typeof misaligned === "boolean" ? misaligned : null,
    replies: isObject(rulings) ? Object.entries(rulings).filter(isEntry).map(replyOf) : [],
  };
}

const isEntry = (entry: [string, unknown]): entry is [string, Row] => isObject(entry[1]);

function replyOf([prompt, ruling]: [string, Row]): JudgmentView["replies"][number] {
  const { outcome, replies, mass, spread, tokens } = ruling;
  return {
    prompt,
    outcome: isText(outcome) ? outcome : "",
    replies: Array.isArray(replies) ? replies.filter(isText) : [],
    chances: chancesIn(tokens),
    ...(typeof mass === "number" && { mass }),
    ...(typeof spread === "number" && { spread }),
  };
}

/** Pairs of a token and its log-probability, likeliest first. */
function chancesIn(tokens: unknown): TokenChance[] {
  if (!Array.isArray(tokens)) return [];
  return tokens.flatMap((one: unknown): TokenChance[] => {
    const [token, logProbability] = Array.isArray(one) ? (one as unknown[]) : [];
    return isText(token) && typeof logProbability === "number"
      ? [{ token, probability: Math.exp(logProbability) }]
      : [];
  });
}

/** Columns that are one number, word, yes or no. */
const plainColumns = (row: Row): (readonly [string, string])[] =>
  Object.entries(row).flatMap(([key, value]) =>
    ABOUT_THE_ANSWER.has(key) || typeof value === "object" || value === undefined
      ? []
      : [[key, isText(value) ? value : JSON.stringify(value)] as const],
  );
