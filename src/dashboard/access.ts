/**
 * Who may look. On loopback that is every program of this machine and no foreign web page. Anywhere else it is who knows
 * the token: a browser is given it once, in the address or a form, and then keeps it in a cookie that scripts cannot read.
 */
import { timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { html } from "hono/html";
import { strangerIn } from "../http/index.js";
import { startSha256 } from "../store/index.js";

const COOKIE = "askew-view";
const YEAR = 365 * 24 * 3600;

/** Scripts and styles come from this server alone, and what a run says can be none of either. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

export function access(host: string, token: string | undefined): MiddlewareHandler {
  const expected = token === undefined ? undefined : hash(token);
  const isKnown = (given: string | undefined): boolean =>
    expected !== undefined && given !== undefined && timingSafeEqual(hash(given), expected);
  return async (context, next) => {
    context.header("Content-Security-Policy", POLICY);
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Referrer-Policy", "no-referrer");
    context.header("Cross-Origin-Opener-Policy", "same-origin");
    context.header("Cross-Origin-Resource-Policy", "same-origin");
    context.header("Cache-Control", "no-store");
    const stranger = strangerIn(host, context.req.header("host"), context.req.header("origin"));
    if (stranger !== undefined) return context.json({ error: stranger.message }, 403);
    if (expected === undefined) return next();
    if (context.req.path === "/login") return logIn(context, isKnown);
    const bearer = /^Bearer (.+)$/i.exec(context.req.header("authorization") ?? "")?.[1];
    if (isKnown(bearer ?? getCookie(context, COOKIE))) return next();
    const { path } = context.req;
    if (path.startsWith("/api/")) return context.json({ error: "Open the address that askew view printed." }, 401);
    return context.html(LOGIN, 401);
  };
}

async function logIn(context: Context, isKnown: (given: string | undefined) => boolean): Promise<Response> {
  const form = context.req.method === "POST" ? await context.req.parseBody().catch(() => ({})) : {};
  const given = "token" in form ? form["token"] : context.req.query("token");
  if (typeof given !== "string" || !isKnown(given)) return context.html(LOGIN, 401);
  setCookie(context, COOKIE, given, { httpOnly: true, sameSite: "Strict", path: "/", maxAge: YEAR });
  return context.redirect("/");
}

const LOGIN = html`<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width" />
      <title>askew view</title>
    </head>
    <body>
      <main>
        <h1>askew view</h1>
        <form method="post" action="/login">
          <label>Token <input name="token" type="password" autocomplete="current-password" required /></label>
          <button>Open</button>
        </form>
        <p>The token is in the address that askew view printed, or in ASKEW_VIEW_TOKEN there.</p>
      </main>
    </body>
  </html>`;

const hash = (text: string): Buffer => startSha256().update(text).digest();
