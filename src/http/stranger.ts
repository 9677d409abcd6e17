/**
 * Requests that a server of this machine must not answer. On loopback every program may ask, but no web page of somebody
 * else: a page's requests carry its Origin, and one that has pointed a name of its own at this machine gives itself away
 * by the Host header.
 */
import { isIPv4 } from "node:net";

export interface Stranger {
  readonly code: "host_not_allowed" | "origin_not_allowed";
  readonly message: string;
}

export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  return bare === "localhost" || bare === "::1" || (isIPv4(bare) && bare.startsWith("127."));
}

/** Returns why a request is refused, from its headers Host and Origin; undefined where it may pass. */
export function strangerIn(host: string, named = "", origin?: string): Stranger | undefined {
  if (isLoopback(host) && !isLoopback(hostOf(named))) {
    const shown = JSON.stringify(named.slice(0, 100));
    const message = `This server is for this machine alone, and goes by localhost, not by ${shown}.`;
    return { code: "host_not_allowed", message };
  }
  if (origin !== undefined && hostOf(origin.replace(/^\w+:\/\//, ""), true) !== hostOf(named, true)) {
    return { code: "origin_not_allowed", message: "This server does not answer to web pages." };
  }
  return undefined;
}

/** `localhost:8000` without its port, unless that is wanted. */
function hostOf(text: string, withPort = false): string {
  return (withPort ? text : text.replace(/:\d*$/, "")).toLowerCase();
}
