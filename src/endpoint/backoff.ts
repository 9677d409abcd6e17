/** How long to wait before trying again. */

const FIRST = 500;
const LONGEST = 30_000;

/**
 * Milliseconds before try number `attempt` + 1 (the first try is 1): uniform between 0 and a ceiling that doubles, so
 * that requests that failed together do not come back together ("full jitter").
 */
export function jitter(attempt: number, random: () => number, first = FIRST, longest = LONGEST): number {
  return random() * Math.min(longest, first * 2 ** Math.min(attempt - 1, 30));
}

/**
 * Milliseconds that a `Retry-After` header asks for: whole or decimal seconds, or an HTTP date (RFC 9110, 10.2.3). A date
 * that has passed is 0; anything else is undefined.
 * @param now milliseconds since 1970
 */
export function parseRetryAfter(header: string | readonly string[] | undefined, now: number): number | undefined {
  const value = (typeof header === "string" ? header : header?.[0])?.trim();
  if (value === undefined || value === "") return undefined;
  if (/^\d{1,12}(?:\.\d{1,6})?$/.test(value)) return Number(value) * 1000;
  if (!/^[A-Z][a-z]{2,8},? /.test(value)) return undefined; // Date.parse takes far more than HTTP dates
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
