/** `/api/play`: which models and directions there are, and a model's answer as a stream of lines. */
import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { stream } from "hono/streaming";
import { STEERING_MODES } from "../../persona/index.js";
import { AskewError, printable } from "../../text/index.js";
import type { PlayEvent, PlayFit, PlayOffer } from "./contract.js";
import { readJsonBody } from "../json-body.js";
import { findDirections, type FoundDirection } from "./find-directions.js";
import { findModels, type FoundModel, type RunFolder } from "./find-models.js";
import { play, playSchema, requireFits } from "./play.js";
import { Players } from "./players.js";

export interface PlayParts {
  readonly root: string;
  readonly folders: () => Promise<readonly RunFolder[]>;
  readonly players: Players;
  /** Ends answers when the server closes. */
  readonly closing: AbortSignal;
  readonly onFault: (error: unknown) => void;
}

const LARGEST_BODY = 2 * 2 ** 20;

export function playRoutes(parts: PlayParts): Hono {
  const app = new Hono();
  let models: readonly FoundModel[] = [];
  let directions: readonly FoundDirection[] = [];
  const look = async (): Promise<void> => {
    models = await findModels(await parts.folders());
    directions = await findDirections(parts.root);
  };

  app.get("/", async (context) => {
    await look();
    const offer: PlayOffer = {
      models: models.map(({ id, title }) => ({ id, title })),
      directions: directions.map(({ id, title, about, layer, canClamp }) => ({ id, title, about, layer, canClamp })),
      modes: STEERING_MODES,
    };
    return context.json(offer);
  });
  app.get("/fit", async (context) => {
    if (models.length === 0) await look();
    const model = models.find(({ id }) => id === context.req.query("model"));
    const direction = directions.find(({ id }) => id === context.req.query("direction"));
    if (model === undefined || direction === undefined) return context.json({} satisfies PlayFit);
    try {
      // Only the model itself knows its width and its weights; it is opened for the first question anyway.
      await parts.players.use(model.name, async (player) => requireFits(player, direction));
      return context.json({} satisfies PlayFit);
    } catch (error) {
      return context.json({ problem: messageOf(error, parts.onFault) } satisfies PlayFit);
    }
  });
  const limit = bodyLimit({
    maxSize: LARGEST_BODY,
    onError: (context) => context.json({ error: "This conversation is too long." }, 413),
  });
  app.post("/", limit, async (context) => {
    const request = await readJsonBody(context, playSchema);
    if (request === undefined) return context.json({ error: "This is no question to a model." }, 400);
    if (models.length === 0) await look();
    // Only what was found is ever opened, whatever a page names.
    const model = models.find(({ id }) => id === request.model);
    const direction = directions.find(({ id }) => id === request.steer?.direction);
    if (model === undefined) return context.json({ error: "This model is not there, or not any more." }, 404);
    if (request.steer !== undefined && direction === undefined) {
      return context.json({ error: "This direction is not there, or not any more." }, 404);
    }
    return answer(context, parts, model, async (tell, signal) =>
      parts.players.use(model.name, async (player) => play(player, request, direction, tell, signal)),
    );
  });
  return app;
}

/** A line for each event; what goes wrong is the last line. */
function answer(
  context: Context,
  { players, closing, onFault }: PlayParts,
  { name, title }: FoundModel,
  work: (tell: (event: PlayEvent) => void, signal: AbortSignal) => Promise<void>,
): Response {
  context.header("Content-Type", "application/x-ndjson");
  context.header("X-Accel-Buffering", "no");
  return stream(context, async (out) => {
    const left = new AbortController();
    out.onAbort(() => left.abort());
    const signal = AbortSignal.any([left.signal, closing]);
    let written = Promise.resolve<unknown>(undefined);
    const tell = (event: PlayEvent): void => {
      written = written.then(async () => out.write(`${JSON.stringify(event)}\n`));
    };
    if (!players.isOpen(name)) tell({ type: "opening", title });
    try {
      await work(tell, signal);
    } catch (error) {
      if (!signal.aborted) tell({ type: "error", error: messageOf(error, onFault) });
    }
    await written;
  });
}

function messageOf(error: unknown, onFault: (error: unknown) => void): string {
  if (AskewError.isInstance(error)) return printable([error.message, error.hint].filter(Boolean).join(". "));
  onFault(error);
  return "askew view failed; the terminal that it runs in says more.";
}
