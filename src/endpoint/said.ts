/** What a server says went wrong, in whichever of the usual forms it says it. */
import { excerpt } from "./excerpt.js";
import { parseDuration } from "./backoff.js";

export interface Said {
  /** In the server's words, for one line. */
  readonly message: string;
  /** Its codes, types and states, in lower case. */
  readonly codes: readonly string[];
  /** The HTTP status that the body names, which counts where the reply itself came with 200. */
  readonly status?: number;
  /** The code that says so, in the server's words: `validation`, `50001`. */
  readonly statusCode?: string;
  /** Names of the fields that it complains about. */
  readonly fields: readonly string[];
  /** Milliseconds that it asks to wait. */
  readonly retryAfter?: number;
  /** All of it, shortened, for what no field of its own says: the kind of a quota, say. */
  readonly whole: string;
}

const LONGEST_MESSAGE = 400;
const LONGEST_WHOLE = 8_192;

type Fields = Readonly<Record<string, unknown>>;

/** The error that a JSON body tells of; undefined where it tells of none. */
export function errorIn(body: unknown): Said | undefined {
  if (Array.isArray(body)) {
    // Gemini puts its errors into a list.
    for (const item of body.slice(0, 4) as unknown[]) {
      const said = errorIn(item);
      if (said !== undefined) return said;
    }
    return undefined;
  }
  if (!isFields(body)) return undefined;
  const { error, errors, detail, message, base_resp: state } = body;
  if (isFields(error)) return saidOf(error, body);
  if (typeof error === "string" && error !== "") return saidOf({ message: error, type: body["error_type"] }, body);
  if (Array.isArray(errors) && errors.length > 0) return saidOf(asFields(errors[0]), body);
  if (isFields(state) && state["status_code"] !== 0 && typeof state["status_msg"] === "string") {
    return saidOf({ message: state["status_msg"] }, body);
  }
  if (body["object"] === "error" || error === true) return saidOf(body, body);
  if (body["choices"] !== undefined) return undefined;
  if (detail !== undefined && detail !== null) return saidOf({ ...body, message: detail }, body);
  return typeof message === "string" && message !== "" ? saidOf(body, body) : undefined;
}

/** The error in the body of a reply whose status says that there is one. */
export function errorOf(text: string): Said {
  try {
    const body: unknown = JSON.parse(text);
    return errorIn(body) ?? saidOf({ message: body }, asFields(body));
  } catch {
    return saidOf({ message: text.replaceAll(/<[^>]*>/g, " ") }, { text });
  }
}

function saidOf(error: Fields, body: Fields): Said {
  const { message: told, param } = error;
  const shown = told ?? error["msg"] ?? error["detail"] ?? (Object.keys(error).length > 0 ? error : "");
  const message = excerpt(typeof shown === "string" ? shown : JSON.stringify(shown), LONGEST_MESSAGE);
  const whole = JSON.stringify(body).slice(0, LONGEST_WHOLE);
  const named = [error["code"], error["type"], error["status"], error["reason"], body["error_type"], body["code"]];
  const codes = named.flatMap((code) =>
    typeof code === "string" || typeof code === "number" ? [String(code).toLowerCase()] : [],
  );
  const statusCode = codes.find((code) => statusOf(code) !== undefined);
  const status = statusCode === undefined ? undefined : statusOf(statusCode);
  const retryAfter = waitIn(whole, message);
  const fields = [...(typeof param === "string" ? [param] : []), ...locationsIn(told)];
  return {
    message,
    codes,
    fields,
    whole,
    ...(status !== undefined && { status }),
    ...(statusCode !== undefined && { statusCode }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

/** `{"loc": ["body", "seed"]}`, as FastAPI names fields; some servers put that into a string once more. */
function locationsIn(told: unknown, depth = 0): string[] {
  if (depth > 4) return [];
  if (typeof told === "string") {
    if (!/^\s*[[{]/.test(told) || told.length > LONGEST_WHOLE) return [];
    try {
      return locationsIn(JSON.parse(told), depth + 1);
    } catch {
      return [];
    }
  }
  if (Array.isArray(told)) return told.slice(0, 16).flatMap((item) => locationsIn(item, depth + 1));
  if (!isFields(told)) return [];
  const { loc, detail } = told;
  const last: unknown = Array.isArray(loc) ? loc.at(-1) : undefined;
  return [...(typeof last === "string" ? [last] : []), ...locationsIn(detail, depth + 1)];
}

const STATUS: Readonly<Record<string, number>> = {
  invalid_argument: 400,
  failed_precondition: 400,
  invalid_request_error: 400,
  badrequesterror: 400,
  bad_request: 400,
  validation: 422,
  unauthenticated: 401,
  authentication_error: 401,
  invalid_api_key: 401,
  permission_denied: 403,
  permission_error: 403,
  not_found: 404,
  not_found_error: 404,
  resource_exhausted: 429,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  too_many_requests: 429,
  overloaded: 503,
  overloaded_error: 503,
  unavailable: 503,
  internal: 500,
  internal_error: 500,
  internalservererror: 500,
  server_error: 500,
  api_error: 500,
  generation: 500,
  incomplete_generation: 500,
  deadline_exceeded: 504,
  timeout: 504,
};

/** FastChat's codes are a status and two digits more: 40303, 50001. */
function statusOf(code: string): number | undefined {
  const number = /^\d+$/.test(code) ? Number(code) : Number.NaN;
  if (number >= 400 && number <= 599) return number;
  if (number >= 40_000 && number <= 59_999) return Math.floor(number / 100);
  return Object.hasOwn(STATUS, code) ? STATUS[code] : undefined;
}

function waitIn(whole: string, message: string): number | undefined {
  const said =
    /"retry_?delay"\s*:\s*"([^"]{1,20})"/i.exec(whole)?.[1] ??
    /(?:try again|retry|come back|wait)(?: in| after| for)? (?:about )?(\d[\d.]*\s?(?:ms|s|m|h|sec|min|hour)[a-z]*(?:[\d.]+\s?[a-z]+)*)/i.exec(
      message,
    )?.[1];
  return said === undefined ? undefined : parseDuration(said);
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const asFields = (value: unknown): Fields => (isFields(value) ? value : { message: value });
