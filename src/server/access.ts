/**
 * Who may talk to the server. On loopback without a token that is every program of this machine, but no web page: a
 * page's requests carry its Origin, and one that has pointed a name of its own at this machine gives itself away by the
 * Host header. With a token (needed on every other interface) it is who knows it.
 */
import { timingSafeEqual } from "node:crypto";
import { isIPv4 } from "node:net";
import type { MiddlewareHandler } from "hono";
import { startSha256 } from "../store/index.js";
import { ApiError } from "./api-error.js";

export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return bare === "localhost" || bare === "::1" || (isIPv4(bare) && bare.startsWith("127."));
}

export function access(host: string, token: string | undefined): MiddlewareHandler {
  const expected = token === undefined ? undefined : hash(token);
  return async (context, next) => {
    const named = context.req.header("host") ?? "";
    if (isLoopback(host) && !isLoopback(hostOf(named))) {
      throw new ApiError(
        403,
        `This server is for this machine alone, and goes by localhost, not by ${JSON.stringify(named.slice(0, 100))}.`,
        {
          code: "host_not_allowed",
        },
      );
    }
    const origin = context.req.header("origin");
    if (origin !== undefined && hostOf(origin.replace(/^\w+:\/\//, ""), true) !== hostOf(named, true)) {
      throw new ApiError(403, "This server does not answer to web pages.", { code: "origin_not_allowed" });
    }
    if (expected !== undefined) {
      const given = /^Bearer (.+)$/i.exec(context.req.header("authorization") ?? "")?.[1];
      if (given === undefined || !timingSafeEqual(hash(given), expected)) {
        throw new ApiError(401, "Send this server's token: the header Authorization: Bearer TOKEN.", {
          code: "invalid_api_key",
        });
      }
    }
    await next();
  };
}

const hash = (text: string): Buffer => startSha256().update(text).digest();

/** `localhost:8000` without its port, unless that is wanted. */
function hostOf(text: string, withPort = false): string {
  return (withPort ? text : text.replace(/:\d*$/, "")).toLowerCase();
}
