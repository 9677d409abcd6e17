/**
 * Who may talk to the server. On loopback without a token that is every program of this machine, but no web page. With a
 * token (needed on every other interface) it is who knows it.
 */
import { timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { strangerIn } from "../http/index.js";
import { startSha256 } from "../store/index.js";
import { ApiError } from "./api-error.js";

export function access(host: string, token: string | undefined): MiddlewareHandler {
  const expected = token === undefined ? undefined : hash(token);
  return async (context, next) => {
    const stranger = strangerIn(host, context.req.header("host"), context.req.header("origin"));
    if (stranger !== undefined) throw new ApiError(403, stranger.message, { code: stranger.code });
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
