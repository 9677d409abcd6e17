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

type Header = string | readonly string[] | undefined;

const valueOf = (header: Header): string => (typeof header === "string" ? header : (header?.[0] ?? "")).trim();

/**
 * Milliseconds that a `Retry-After` header asks for: whole or decimal seconds, an HTTP date (RFC 9110, 10.2.3), or a
 * duration with units, which some servers write: `2s`, `1m30s`, `250ms`. A date that has passed is 0; anything else is
 * undefined.
 * @param now milliseconds since 1970
 */
export function parseRetryAfter(header: Header, now: number): number | undefined {
  const value = valueOf(header);
  if (value === "") return undefined;
  if (/^\d{1,12}(?:\.\d{1,6})?$/.test(value)) return Number(value) * 1000;
  if (/^\d/.test(value)) return parseDuration(value);
  if (!/^[A-Z][a-z]{2,8},? /.test(value)) return undefined; // Date.parse takes far more than HTTP dates
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** The wait that the headers of a reply ask for; `retry-after-ms` is the finer of the two. */
export function waitOf(headers: Readonly<Record<string, Header>>, now: number): number | undefined {
  const exact = valueOf(headers["retry-after-ms"]);
  if (/^\d{1,12}(?:\.\d{1,6})?$/.test(exact)) return Number(exact);
  return parseRetryAfter(headers["retry-after"], now);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `2s`, `1m30.5s`, `7 seconds`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.toLowerCase().matchAll(/(\d{1,9}(?:\.\d{1,9})?)\s*(ms|milliseconds?|[a-z]+)/g)];
  if (parts.length === 0 || parts.length > 4) return undefined;
  let sum = 0;
  for (const [, number, unit = ""] of parts) {
    const scale = UNITS[unit.startsWith("ms") || unit.startsWith("milli") ? "ms" : unit.charAt(0)];
    if (scale === undefined) return undefined;
    sum += Number(number) * scale;
  }
  return sum;
}
