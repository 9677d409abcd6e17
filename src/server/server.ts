/** The server as a whole: its routes, who may use them, how it starts and how it comes to rest. */
import { join } from "node:path";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { closeHttp, isLoopback, listening, urlOf } from "../http/index.js";
import { lockFolder, makeFolder } from "../store/index.js";
import { access } from "./access.js";
import { ApiError, asApiError } from "./api-error.js";
import { Catalogue, type ModelSource, type ServedModel } from "./catalogue.js";
import { chat } from "./chat.js";
import { fileRoutes } from "./file-routes.js";
import { FileStore } from "./file-store.js";
import { JobRunner } from "./job-runner.js";
import { jobRoutes } from "./job-routes.js";
import { JobStore } from "./job-store.js";
import { ModelPool } from "./model-pool.js";
import { ServerError, storageFailure } from "./server-error.js";

export interface ServedRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Until the answer began. */
  readonly milliseconds: number;
  /** The id of the model, where one was asked. */
  readonly model?: string;
}

export interface ServerOptions {
  /** What it listens on; default 127.0.0.1. Any other interface than loopback needs a token. */
  readonly host?: string;
  /** 0 takes a free one; default 8000. */
  readonly port?: number;
  /** Where uploaded files, fine-tuning jobs and their models are kept. */
  readonly data: string;
  readonly models: readonly ModelSource[];
  /** Models that are loaded at a time; default 4. */
  readonly loaded?: number;
  readonly token?: string | undefined;
  /** For each model; default all that the machine has. */
  readonly threads?: number | undefined;
  /** Milliseconds that a client may leave a streamed answer unread before it is given up; default 30,000. */
  readonly patience?: number;
  readonly onRequest?: (request: ServedRequest) => void;
  /** Hears of faults of the server itself, whose details clients are not told. */
  readonly onFault?: (error: unknown) => void;
}

export interface Server {
  /** `http://127.0.0.1:8000/v1` */
  readonly url: string;
  models(): Promise<ServedModel[]>;
  /** Takes no more requests, lets those under way end, and stops a fine-tuning job, which the next start takes up again. */
  close(): Promise<void>;
}

const LARGEST_BODY = 8 * 2 ** 20;

export async function startServer(options: ServerOptions): Promise<Server> {
  const { host = "127.0.0.1", port = 8000, data, token, threads, onFault = () => {} } = options;
  if (!isLoopback(host) && (token === undefined || token === "")) {
    throw new ServerError(
      `${host} can be reached from other machines, so clients must show a token: set ASKEW_SERVER_TOKEN to a long random text.`,
    );
  }
  await makeFolder(data);
  const lock = await lockFolder(data, "--data");
  const pool = new ModelPool(options.loaded ?? 4, threads);
  let runner: JobRunner | undefined;
  try {
    const files = await FileStore.open(join(data, "files"));
    const jobs = await JobStore.open(join(data, "jobs"));
    const catalogue = new Catalogue([...options.models, async () => jobs.models()]);
    runner = new JobRunner({ catalogue, files, jobs, threads, onFault });
    const app = application({ ...options, host, catalogue, pool, files, jobs, runner });
    const http = await listening(app, host, port);
    return {
      url: `${urlOf(http, host)}/v1`,
      models: () => catalogue.list(),
      close: async () => {
        await Promise.all([closeHttp(http), runner?.close()]);
        await pool.close();
        await lock.release();
      },
    };
  } catch (error) {
    await runner?.close();
    await lock.release();
    throw error;
  }
}

interface Parts extends ServerOptions {
  readonly host: string;
  readonly catalogue: Catalogue;
  readonly pool: ModelPool;
  readonly files: FileStore;
  readonly jobs: JobStore;
  readonly runner: JobRunner;
}

function application(parts: Parts): Hono {
  const { host, token, catalogue, pool, files, jobs, runner, patience = 30_000, onRequest, onFault } = parts;
  const app = new Hono();
  app.use(async (context, next) => {
    const began = performance.now();
    await next();
    context.header("X-Content-Type-Options", "nosniff");
    const model = context.get("model" as never) as string | undefined;
    onRequest?.({
      method: context.req.method,
      path: context.req.path,
      status: context.res.status,
      milliseconds: performance.now() - began,
      ...(model !== undefined && { model }),
    });
  });
  app.use(access(host, token === "" ? undefined : token));
  const limit = bodyLimit({
    maxSize: LARGEST_BODY,
    onError: () => {
      throw new ApiError(413, `The body may have ${LARGEST_BODY / 2 ** 20} MiB at most.`);
    },
  });
  app.post("/v1/chat/completions", limit, (context) => chat(context, catalogue, pool, patience));
  app.get("/v1/models", async (context) =>
    context.json({ object: "list", data: (await catalogue.list()).map(modelObject) }),
  );
  app.get("/v1/models/:id{.+}", async (context) =>
    context.json(modelObject(await catalogue.find(context.req.param("id")))),
  );
  app.use("/v1/fine_tuning/*", limit);
  app.route("/v1/files", fileRoutes(files));
  app.route("/v1/fine_tuning/jobs", jobRoutes({ catalogue, files, jobs, runner }));
  app.notFound((context) => {
    const { method, path } = context.req;
    return context.json(new ApiError(404, `There is no ${method} ${path} here.`, { code: "unknown_url" }).body, 404);
  });
  app.onError((error, context) => {
    const known = asApiError(error);
    if (known === undefined || known.status >= 500) onFault?.(storageFailure(error) ?? error);
    const told = known ?? new ApiError(500, "The server failed; its log says more.");
    return context.json(told.body, told.status);
  });
  return app;
}

const modelObject = ({ id, created }: ServedModel): object => ({ id, object: "model", created, owned_by: "askew" });
