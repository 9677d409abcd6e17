/** Starts to listen, and comes to rest. */
import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import type { Hono } from "hono";
import { AskewError } from "../text/index.js";

/** The address cannot be listened on; the message names the cure. */
export class ListenError extends AskewError {
  override readonly name = "ListenError";
}

/** Milliseconds that requests under way have to end. */
const PATIENCE = 10_000;
/** Milliseconds; a client that pauses for longer than Node's 5 s would else send into a connection that is just closed. */
const KEEP_ALIVE = 120_000;

/** @throws {ListenError} where the port is taken or the address is not this machine's */
export function listening(app: Hono, hostname: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const http = serve({ fetch: app.fetch, hostname, port }, () => resolve(http)) as Server;
    http.keepAliveTimeout = KEEP_ALIVE;
    http.once("error", (error: NodeJS.ErrnoException) => {
      const taken = ["EADDRINUSE", "EACCES", "EADDRNOTAVAIL", "ENOTFOUND"].includes(error.code ?? "");
      const cure = "Choose another with --port or --host.";
      reject(taken ? new ListenError(`cannot listen on ${hostname}, port ${port}: ${error.code}. ${cure}`) : error);
    });
  });
}

/** `http://127.0.0.1:8000` */
export function urlOf(http: Server, host: string): string {
  const address = http.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** @param patience milliseconds that requests under way have to end */
export async function closeHttp(http: Server, patience = PATIENCE): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  const late = setTimeout(() => http.closeAllConnections(), patience);
  await closed;
  clearTimeout(late);
}
