/** The base address of a server: what may stand in it, and what must not because addresses end up in files and messages. */
import { isIP } from "node:net";
import { EndpointError } from "./error.js";
import type { Key } from "./key.js";

/**
 * Checks `http(s)://host[:port][/path]` and takes slashes off its end.
 * @throws {EndpointError} fault `address`
 */
export function parseBase(text: string): URL {
  const wrong = (found: string): EndpointError =>
    new EndpointError(`expected a server's address such as http://localhost:8000/v1, found ${found}`, {
      fault: "address",
    });
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw wrong(`"${text.replace(/\/\/.*@/, "//…@").replace(/\?.*/, "?…")}"`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") throw wrong(`the protocol ${url.protocol}`);
  if (url.username !== "" || url.password !== "") {
    throw wrong("a user name or password in it. Keys come from the environment: ASKEW_API_KEY");
  }
  if (url.search !== "") throw wrong("a query (?…) in it. Keys come from the environment: ASKEW_API_KEY");
  url.hash = "";
  url.pathname = url.pathname.replace(/\/+$/, "");
  return url;
}

/** The address of `path` under `base`. */
export function addressOf(base: URL, path: string): string {
  return `${base.href.replace(/\/$/, "")}${path}`;
}

/**
 * Refuses to send a key unencrypted over the open network.
 * @throws {EndpointError} fault `address`
 */
export function checkEncrypted(base: URL, key: Key | undefined): void {
  if (key === undefined || base.protocol === "https:" || isPrivate(base.hostname)) return;
  throw new EndpointError(
    `${base.href}: ${key.source} would travel unencrypted to ${base.hostname}. Use https, or unset the variable`,
    { fault: "address", url: base.href },
  );
}

/** This machine and private networks: loopback, RFC 1918, link-local, names that no public server has. */
function isPrivate(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (isIP(bare) === 4) return /^(?:127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\./.test(bare);
  if (isIP(bare) === 6) return bare === "::1" || /^f[cd]|^fe80:/.test(bare);
  return !bare.includes(".") || /\.(?:local|localhost|internal|lan|home\.arpa|svc)$/.test(bare);
}
