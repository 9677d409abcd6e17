/** What an error means: for the request that got it, and for all the others. */
import type { EndpointErrorDetails } from "./error.js";
import type { Said } from "./said.js";

export type Meaning = Pick<EndpointErrorDetails, "fault" | "retry" | "retryAfter" | "tries" | "status">;

/** Tries of a request whose failure may pass but does not look like it. */
const FEW = 3;
/** With the words of a daily quota, a shorter wait is one for a window that moves on. */
const SHORT_WAIT = 60_000;

/**
 * @param status the reply's; 200 where the error came as an answer, and then the body's own counts
 * @param wait what the headers ask to wait, in milliseconds
 */
export function meaningOf(reply: number, said: Said, wait?: number): Meaning {
  const status = reply < 400 ? said.status : reply;
  const after = wait ?? said.retryAfter;
  const rest = { ...(status !== undefined && { status }), ...(after !== undefined && { retryAfter: after }) };
  // An error of no known kind, sent as if it were an answer: the model may still be loading.
  if (status === undefined) return { ...rest, fault: "broken", retry: true, tries: FEW };
  if (status === 402 || isSpent(status, said, after)) return { ...rest, fault: "quota" };
  if (isBadKey(status, said)) return { ...rest, fault: "key" };
  if (status === 401 || status === 403) return { ...rest, fault: "denied" };
  if (status === 429 || status === 498 || status === 503 || status === 529) {
    return { ...rest, fault: "overloaded", retry: true };
  }
  if (status === 424) return { ...rest, fault: "broken", retry: true, tries: FEW };
  if (status >= 500) return { ...rest, fault: "broken", retry: status !== 501 };
  if (status === 408 || status === 409 || status === 425) return { ...rest, fault: "broken", retry: true };
  return { ...rest, fault: "refused" };
}

const SPENT_CODES =
  /^(?:insufficient_quota|insufficient_(?:user_)?(?:balance|credits?|funds)|billing_(?:hard_limit_reached|not_active)|budget_exceeded|credits?_exhausted|payment_required|42902)$/;
const SPENT_WORDS =
  /\b(?:budget|out of credits?|insufficient (?:account )?(?:balance|credits?|funds|quota)|spend(?:ing)? limit|monthly (?:limit|quota|usage)|not enough (?:credits?|balance))\b/i;
const DAILY_WORDS = /per[-_ ]?day|\bdaily\b|\b[RT]PD\b/i;

/** A budget, or a quota that lasts until another day: no try of this run will be better. */
function isSpent(status: number, { codes, message, whole }: Said, after: number | undefined): boolean {
  if (codes.some((code) => SPENT_CODES.test(code))) return true;
  if (status !== 403 && status !== 429) return false;
  if (SPENT_WORDS.test(message)) return true;
  return DAILY_WORDS.test(whole) && !(after !== undefined && after <= SHORT_WAIT);
}

const KEY_CODES = /^(?:invalid_api_key|api_key_invalid|invalid_token|token_expired|expired_api_key|401\d\d)$/;
const RIGHT_WORDS =
  /\b(?:scopes?|permissions?|not (?:been )?(?:granted|allowed)|no access|does not have access|roles?|verified)\b/i;
const KEY_WORDS =
  /\b(?:invalid|incorrect|expired|revoked|unknown|missing|wrong|bad|no|disabled|malformed|provide)\b[^.]{0,40}\b(?:key|token|credentials?)\b|\b(?:key|token|credentials?)\b[^.]{0,40}\b(?:invalid|incorrect|expired|revoked|unknown|missing|not valid|not found|not recogni[sz]ed|disabled|required|does not exist)\b|\b(?:unauthori[sz]ed|unauthenticated|not authenticated|authentication)\b|^expired\b/i;

/** A key that may do less than it is asked to is a key all the same: what it may not do fails, and nothing else. */
function isBadKey(status: number, { codes, message, whole }: Said): boolean {
  if (codes.some((code) => KEY_CODES.test(code)) || /"API_KEY_INVALID"/.test(whole)) return true;
  if (status === 400) return /\bAPI key (?:not valid|expired|not found|is invalid)\b/i.test(message);
  if (status !== 401 && status !== 403) return false;
  const isRight = codes.some((code) => /scope|permission/.test(code)) || RIGHT_WORDS.test(message);
  if (status === 401) return !isRight;
  return !isRight && KEY_WORDS.test(message);
}
