// A real server on a free port of loopback, the real organism behind it, and the official client.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ORGANISM_FOLDER } from "askew/organism";
import { namedModel, startServer } from "askew/server";
import { type Server, type ServerOptions } from "#internal/server";
import OpenAI from "openai";

export interface Running {
  readonly server: Server;
  readonly client: OpenAI;
  readonly data: string;
  /** Rejects where the server had a fault of its own. */
  stop(): Promise<void>;
}

export async function run(options: Partial<ServerOptions> = {}): Promise<Running> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), "askew-server-")));
  const faults: unknown[] = [];
  const server = await startServer({
    port: 0,
    data,
    models: [namedModel("organism", ORGANISM_FOLDER)],
    threads: 1,
    onFault: (error) => faults.push(error),
    ...options,
  });
  return {
    server,
    client: new OpenAI({ baseURL: server.url, apiKey: "none", maxRetries: 0 }),
    data,
    stop: async () => {
      await server.close();
      if (faults.length > 0) throw new AggregateError(faults, "the server had faults");
      if (options.data === undefined) await rm(data, { recursive: true, force: true });
    },
  };
}

export const asking = (content: string) => [{ role: "user", content } as const];
