/** The server behind `askew view`. */
import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Hono } from "hono";
import { closeHttp, isLoopback, listening, urlOf } from "../http/index.js";
import { AskewError } from "../text/index.js";
import { access } from "./access.js";
import { AnswerStore } from "./answer-store.js";
import { readAssets } from "./assets.js";
import { Players } from "./play/players.js";
import { routes } from "./routes.js";
import { RunList } from "./run-list.js";

export interface DashboardOptions {
  /** The folder whose runs are shown. */
  readonly folder: string;
  /** Default 127.0.0.1; on any other interface than loopback whoever looks needs a token. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** In place of a random one. */
  readonly token?: string | undefined;
  /** Whether the page may talk to models, and begin runs, stop them and carry them on; default false. */
  readonly allowRun?: boolean;
  /** Where the commands of new runs are run and find their files; default the present folder. */
  readonly cwd?: string;
  /** Threads of each model that the page talks to. */
  readonly threads?: number | undefined;
  readonly onFault?: (error: unknown) => void;
  /** Milliseconds from one look at runs under way to the next; default 1,000. */
  readonly lookEvery?: number;
}

export interface Dashboard {
  /** `http://127.0.0.1:8090` */
  readonly url: string;
  /** The address to open: with the token, where one was made up. */
  readonly address: string;
  readonly runs: number;
  close(): Promise<void>;
}

/** What cannot be viewed; the message names the cure. */
class ViewError extends AskewError {
  override readonly name = "ViewError";
}

/** Milliseconds that streams have to end when the server closes. */
const PATIENCE = 500;

export async function startDashboard(options: DashboardOptions): Promise<Dashboard> {
  const { host = "127.0.0.1", port = 8090, allowRun = false, onFault = () => undefined } = options;
  const cwd = resolve(options.cwd ?? ".");
  const root = resolve(options.folder);
  const isFolder = await stat(root).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) {
    throw new ViewError(`${options.folder}: expected a folder of runs, found none. Name one: askew view FOLDER.`);
  }
  const assets = readAssets();
  if (!assets.has("/")) throw new ViewError("the page of askew view was not built: run `npm run build` once.");
  const given = options.token === "" ? undefined : options.token;
  const made = isLoopback(host) || given !== undefined ? undefined : randomBytes(24).toString("base64url");
  const runs = new RunList({ root, allowRun, ...(options.lookEvery !== undefined && { every: options.lookEvery }) });
  await runs.look();
  const closing = new AbortController();
  const players = allowRun ? new Players(options.threads) : undefined;
  const app = new Hono();
  app.use(access(host, given ?? made));
  app.route("/", routes({ runs, answers: new AnswerStore(), assets, players, cwd, closing: closing.signal, onFault }));
  const http = await listening(app, host, port);
  const url = urlOf(http, host);
  return {
    url,
    address: made === undefined ? `${url}/` : `${url}/login?token=${made}`,
    runs: runs.snapshot.runs.length,
    close: async () => {
      closing.abort();
      runs.close();
      await closeHttp(http, PATIENCE);
      await players?.close();
    },
  };
}
