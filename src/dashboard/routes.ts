/** What the page can ask for. Runs are named by ids that were found, answers by their file and id; no path is ever taken. */
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { AskewError } from "../text/index.js";
import { answersPage } from "./answers-page.js";
import type { AnswerStore } from "./answer-store.js";
import type { Asset } from "./assets.js";
import { compareView } from "./compare-view.js";
import type { ComparisonView } from "./contract.js";
import { carryOn, stopRun } from "./control.js";
import { conversationAt } from "./conversation.js";
import { diffView } from "./diff-view.js";
import { eventLines } from "./event-lines.js";
import { findingsView } from "./findings-view.js";
import { isThere } from "./find-runs.js";
import { findRow } from "./find-rows.js";
import { readJsonBody } from "./json-body.js";
import { KeptViews } from "./kept-views.js";
import { latentsView } from "./latents-view.js";
import { noteSchema } from "./notes.js";
import type { Players } from "./play/players.js";
import { playRoutes } from "./play/routes.js";
import { readQuery } from "./read-query.js";
import { ResultError } from "./result-error.js";
import type { RunAnswers } from "./run-answers.js";
import { changedAt } from "./run-card.js";
import type { RunList, Told } from "./run-list.js";
import { seriesView } from "./series-view.js";
import { startRoutes } from "./start/routes.js";
import { studyView } from "./study-view.js";
import { watchView } from "./watch-view.js";

export interface Parts {
  readonly runs: RunList;
  readonly answers: AnswerStore;
  readonly assets: ReadonlyMap<string, Asset>;
  /** Models that the page may talk to; undefined where it may only read. */
  readonly players: Players | undefined;
  /** Where the commands of new runs are run. */
  readonly cwd: string;
  /** Ends streams when the server closes. */
  readonly closing: AbortSignal;
  readonly onFault: (error: unknown) => void;
}

/** Milliseconds that a request may read on before it tells what it has. */
const PATIENCE = 150;
/** Results that are drawn, by the address that asks for them. */
const RESULTS = { study: studyView, chart: seriesView, watch: watchView, diff: diffView };
/** Cards of latents on a page. */
const LATENTS = 20;
/** Milliseconds between signs of life, so that proxies leave a quiet stream open. */
const BEAT = 15_000;
const LARGEST_BODY = 64 * 1024;

class Missing extends AskewError {
  override readonly name = "Missing";
}

export function routes(parts: Parts): Hono {
  const { runs, answers, assets, onFault } = parts;
  const app = new Hono();
  const folderOf = async (
    context: Context,
    id = context.req.query("run") ?? "",
  ): Promise<{ readonly id: string; readonly folder: string }> => {
    const known = runs.folderOf(id);
    if (known === undefined || !(await isThere(known))) await runs.look(true);
    const folder = runs.folderOf(id);
    if (folder === undefined) throw new Missing("This run is not there, or not any more.");
    return { id, folder };
  };

  app.get("/api/runs", async (context) => {
    await runs.look();
    return context.json(runs.snapshot);
  });
  app.get("/api/runs/events", (context) => runsStream(context, parts));
  app.get("/api/run/events", async (context) => eventStream(context, (await folderOf(context)).folder, parts));
  const views = new KeptViews();
  for (const [name, draw] of Object.entries(RESULTS)) {
    app.get(`/api/${name}`, async (context) => {
      const { id, folder } = await folderOf(context);
      return context.json(await views.get(`${name} ${id}`, await changedAt(folder), () => draw(folder)));
    });
  }
  app.get("/api/findings", async (context) => context.json(await findingsView((await folderOf(context)).folder)));
  app.get("/api/latents", async (context) => {
    const { folder } = await folderOf(context);
    const { words = "", label = "", offset } = context.req.query();
    const from = Math.max(0, Math.trunc(Number(offset ?? 0)) || 0);
    return context.json(await latentsView(folder, { words, label, offset: from, limit: LATENTS }));
  });

  app.get("/api/compare", async (context) => {
    const { model = "", other = "", otherModel = "" } = context.req.query();
    const [one, two] = [await folderOf(context), await folderOf(context, other)];
    const until = performance.now() + PATIENCE;
    const read = async ({ id, folder }: typeof one): Promise<RunAnswers> => {
      const run = answers.answers(id, folder);
      await run.update(until, runs.card(id)?.state === "finished");
      return run;
    };
    const [left, right] = [await read(one), await read(two)];
    const names = ({ files }: RunAnswers): string[] => [
      ...new Set(files.flatMap(({ kinds }) => kinds.map((kind) => kind.model))),
    ];
    const nameOf = (id: string, name: string): string => (one.id === two.id ? name : `${id}: ${name}`);
    const compared = compareView(
      { run: one.id, name: nameOf(one.id, model), model, files: left.files },
      { run: two.id, name: nameOf(two.id, otherModel), model: otherModel, files: right.files },
    );
    return context.json({
      ...compared,
      read: Math.min(left.read, right.read),
      models: [names(left), names(right)],
    } satisfies ComparisonView);
  });

  app.get("/api/answers", async (context) => {
    const query = readQuery(context.req.query());
    if (query === undefined) return context.json({ error: "This is no query for answers." }, 400);
    const { id, folder } = await folderOf(context);
    const run = answers.answers(id, folder);
    const until = performance.now() + PATIENCE;
    await run.update(until, runs.card(id)?.state === "finished");
    return context.json(await answersPage(run, query, answers.notes(id, folder), until));
  });
  app.get("/api/answer", async (context) => {
    const { id, folder } = await folderOf(context);
    const { source = "", answer = "", row } = context.req.query();
    const file = await answers.answers(id, folder).file(source);
    const at = file && (await findRow(file, answer, row === undefined ? undefined : Number(row)));
    const found = file && at !== undefined && at < file.columns.count ? { file, row: at } : undefined;
    const conversation = found && (await conversationAt(found, answers.notes(id, folder)));
    if (conversation === undefined) throw new Missing("This answer is not there, or not any more.");
    return context.json(conversation);
  });
  const limit = bodyLimit({
    maxSize: LARGEST_BODY,
    onError: (context) => context.json({ error: "This note is too long." }, 413),
  });
  app.put("/api/note", limit, async (context) => {
    const { id, folder } = await folderOf(context);
    const note = await readJsonBody(context, noteSchema);
    if (note === undefined) return context.json({ error: "This is no note." }, 400);
    await answers.notes(id, folder).keep(note);
    return context.json(note);
  });

  if (parts.players !== undefined) {
    const { players, cwd, closing } = parts;
    const folders = async () => {
      await runs.look(true);
      return runs.snapshot.runs.flatMap(({ id }) => {
        const folder = runs.folderOf(id);
        return folder === undefined ? [] : [{ id, folder }];
      });
    };
    app.route("/api/play", playRoutes({ root: runs.snapshot.folder, folders, players, closing, onFault }));
    app.route("/api/start", startRoutes({ root: runs.snapshot.folder, cwd, folders }));
    for (const [path, work] of [
      ["stop", stopRun],
      ["carry-on", carryOn],
    ] as const) {
      app.post(`/api/run/${path}`, limit, async (context) => {
        const { folder } = await folderOf(context);
        if ((await readJsonBody(context, z.strictObject({}))) === undefined) {
          return context.json({ error: "This is no request of the page." }, 400);
        }
        await work(folder);
        await runs.look();
        return context.json({});
      });
    }
  }

  app.get("*", (context) => {
    const asset = assets.get(context.req.path);
    if (asset === undefined) return context.json({ error: `There is no ${context.req.path} here.` }, 404);
    // Built files carry a hash of what is in them in their name.
    if (context.req.path !== "/") context.header("Cache-Control", "public, max-age=31536000, immutable");
    return context.body(asset.bytes, 200, { "Content-Type": asset.type });
  });
  app.notFound((context) => context.json({ error: `There is no ${context.req.path} here.` }, 404));
  app.onError((error, context) => {
    if (error instanceof Missing) return context.json({ error: error.message }, 404);
    if (error instanceof ResultError) return context.json({ error: error.message }, 422);
    if (error instanceof AskewError) return context.json({ error: error.message }, 409);
    onFault(error);
    return context.json({ error: "askew view failed; the terminal that it runs in says more." }, 500);
  });
  return app;
}

function runsStream(context: Context, { runs, closing }: Parts): Response {
  return streamSSE(context, async (stream) => {
    const waiting: Told[] = [];
    let wake = (): void => undefined;
    const { first, leave } = await runs.listen(context.req.header("last-event-id"), (told) => {
      waiting.push(told);
      wake();
    });
    const end = (): void => wake();
    stream.onAbort(end);
    closing.addEventListener("abort", end);
    try {
      waiting.unshift(...first);
      while (!stream.aborted && !closing.aborted) {
        const told = waiting.shift();
        if (told !== undefined) await stream.writeSSE({ id: told.id, data: JSON.stringify(told.event) });
        else await new Promise<void>((resolve) => rest(resolve));
        if (waiting.length === 0 && told === undefined && !stream.aborted) await stream.write(": \n\n");
      }
    } finally {
      leave();
      closing.removeEventListener("abort", end);
    }

    function rest(resolve: () => void): void {
      const timer = setTimeout(resolve, BEAT);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    }
  });
}

function eventStream(context: Context, folder: string, { closing }: Parts): Response {
  return streamSSE(context, async (stream) => {
    const left = new AbortController();
    stream.onAbort(() => left.abort());
    const signal = AbortSignal.any([left.signal, closing]);
    const last = Number(context.req.header("last-event-id") ?? context.req.query("after") ?? 0);
    for await (const events of eventLines(folder, Number.isFinite(last) ? last : 0, signal)) {
      const id = String(events.at(-1)?.id);
      await stream.writeSSE({ id, data: JSON.stringify(events) });
    }
    if (!signal.aborted) await stream.writeSSE({ event: "gone", data: "" });
  });
}
