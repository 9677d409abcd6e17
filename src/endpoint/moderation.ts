/** A prompt that the server's filter stopped: what came of one question, and no failure of the run. */
import type { ChatAnswer } from "./chat.js";
import { EndpointError } from "./error.js";
import type { Said } from "./said.js";

const STATUSES: ReadonlySet<number> = new Set([400, 403, 422, 451]);

const CODES =
  /^(?:content_?filter(?:ed)?|content_policy(?:_violation)?|content_moderation|moderation(?:_blocked|_error)?|responsibleaipolicyviolation|data_inspection_failed|datainspectionfailed|prompt_(?:blocked|flagged)|prohibited_content|sensitive_content|safety(?:_error|_block)?|1301)$/;
/** The kind of error that Azure puts beside its own code, and the like. */
const INNER_CODES = /"(?:ResponsibleAIPolicyViolation|content_filter(?:_result)?|content_policy_violation)"/;
const WORDS =
  /\b(?:input|prompt|message|content|request)s? (?:was|were|has been|have been) (?:flagged|moderated|blocked|filtered|stopped)\b|\bis moderated\b|\b(?:content|safety|moderation) (?:management |moderation )?(?:filter(?:s|ing)?|polic(?:y|ies)|system|check)\b/i;

/** Whether an error says that the prompt itself was moderated. */
export function isModerated(status: number | undefined, { codes, message, whole }: Said): boolean {
  if (status === undefined || !STATUSES.has(status)) return false;
  return codes.some((code) => CODES.test(code)) || INNER_CODES.test(whole) || WORDS.test(message);
}

/** What `ask` answers; where it fails because the prompt was moderated, that no answer was to be had. */
export async function unlessModerated(ask: Promise<ChatAnswer>): Promise<ChatAnswer> {
  try {
    return await ask;
  } catch (error) {
    if (!(error instanceof EndpointError) || error.fatal || error.said === undefined) throw error;
    if (!isModerated(error.status, error.said)) throw error;
    return FILTERED;
  }
}

const FILTERED: ChatAnswer = { text: "", finish: "filter", outcome: "filter" };
