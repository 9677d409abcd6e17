/** `POST /v1/chat/completions`. */
import { randomInt } from "node:crypto";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { SampledAnswer } from "../model/index.js";
import { ApiError, asApiError } from "./api-error.js";
import type { BatchOptions } from "./batcher.js";
import type { Catalogue } from "./catalogue.js";
import { chatSchema, type ChatRequest } from "./chat-request.js";
import { chunk, completion, completionHead, usageChunk, usageOf } from "./chat-response.js";
import type { LoadedModel, ModelPool } from "./model-pool.js";
import { readRequest } from "./read-request.js";
import { Sender } from "./sender.js";

/** @param patience milliseconds that a client may leave a streamed answer unread */
export async function chat(
  context: Context,
  catalogue: Catalogue,
  pool: ModelPool,
  patience: number,
): Promise<Response> {
  const request = await readRequest(context, chatSchema);
  const served = await catalogue.find(request.model);
  context.set("model", served.id);
  const gone = context.req.raw.signal;
  if (!request.stream) return pool.use(served, (loaded) => whole(context, request, loaded, gone));
  return new Promise<Response>((resolve, reject) => {
    // What is wrong with the request is said before the stream begins.
    pool.use(served, (loaded) => streamed(context, request, loaded, resolve, patience)).catch(reject);
  });
}

async function whole(
  context: Context,
  request: ChatRequest,
  loaded: LoadedModel,
  gone: AbortSignal,
): Promise<Response> {
  const ask = prepare(request, loaded);
  const answers = await Promise.all(ask.indexes.map((index) => ask.sample(index, gone)));
  const usage = usageOf(ask.promptTokens, tokensOf(answers));
  return context.json(
    completion(completionHead(request.model, loaded.fingerprint), answers, request.alternatives, usage),
  );
}

/** Returns when the answers are sampled: a client that reads slowly, or not at all, holds no model. */
async function streamed(
  context: Context,
  request: ChatRequest,
  loaded: LoadedModel,
  respond: (response: Response) => void,
  patience: number,
): Promise<void> {
  const ask = prepare(request, loaded);
  const head = completionHead(request.model, loaded.fingerprint);
  const { alternatives, includeUsage } = request;
  const shown = { alternatives, includeUsage };
  await new Promise<void>((sampled) => {
    const response = streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const sender = new Sender(stream, patience, () => {
        gone.abort();
        (context.env as Partial<HttpBindings>).outgoing?.destroy();
      });
      const send = (data: object): void => sender.send(JSON.stringify(data));
      try {
        const answers = await Promise.all(
          ask.indexes.map(async (index) => {
            send(chunk(head, { index, delta: { role: "assistant", content: "" } }, shown));
            let said = 0;
            let tokens = 0;
            let isTold = false;
            const tell = (thoughts: string | undefined): void => {
              if (isTold || thoughts === undefined || thoughts === "") return;
              isTold = true;
              send(chunk(head, { index, delta: { reasoning_content: thoughts } }, shown));
            };
            const answer = await ask.sample(index, gone.signal, ({ text, choices, thoughts }) => {
              tell(thoughts);
              if (text === "" && choices.length === 0) return;
              said += text.length;
              tokens += choices.length;
              send(chunk(head, { index, delta: { content: text }, choices }, shown));
            });
            tell(answer.reasoning);
            // What was held back because a stop text could have begun there.
            const rest = answer.text.slice(said);
            const choices = answer.choices?.slice(tokens);
            if (rest !== "") send(chunk(head, { index, delta: { content: rest }, choices }, shown));
            send(chunk(head, { index, delta: {}, finish: answer.finish }, shown));
            return answer;
          }),
        );
        if (includeUsage) send(usageChunk(head, usageOf(ask.promptTokens, tokensOf(answers))));
        sender.send("[DONE]");
      } catch (error) {
        const known = asApiError(error) ?? new ApiError(500, "The server failed while it answered.");
        if (!gone.signal.aborted) send(known.body);
      } finally {
        sampled();
      }
      await sender.sent();
    });
    respond(response);
  });
}

interface Ask {
  readonly promptTokens: number;
  /** Of the choices that are wanted. */
  readonly indexes: readonly number[];
  sample(
    index: number,
    signal: AbortSignal,
    onPiece?: Parameters<LoadedModel["batcher"]["sample"]>[3],
  ): Promise<SampledAnswer>;
}

/** @throws {ApiError | UnknownWordError | ChatTemplateError | ControlTokenError} for what the model cannot read. */
function prepare(request: ChatRequest, { model, batcher }: LoadedModel): Ask {
  const { messages, seed, maxTokens = Number.POSITIVE_INFINITY } = request;
  const promptTokens = model.tokens.encodePrompt(messages).length;
  const { maxPositions, size } = model.tokens;
  const room = maxPositions - promptTokens;
  if (room < 1) {
    throw new ApiError(
      400,
      `This model reads at most ${maxPositions} tokens, its answer included; the messages have ${promptTokens}.`,
      { param: "messages", code: "context_length_exceeded" },
    );
  }
  // Choices carry their own log-probability, so one alternative is asked for even where none is shown.
  const alternatives = request.alternatives === undefined ? 0 : Math.min(Math.max(1, request.alternatives), size);
  const options: BatchOptions = {
    temperature: request.temperature,
    topP: request.topP,
    stop: request.stop,
    alternatives,
  };
  return {
    promptTokens,
    indexes: Array.from({ length: request.n }, (_, index) => index),
    sample: async (index, signal, onPiece) => {
      // The first choice is the answer that the model gives for this seed in any process.
      const stream = seed === undefined ? String(randomInt(2 ** 31)) : index === 0 ? String(seed) : `${seed}/${index}`;
      const wanted = { messages, seed: stream, maxTokens: Math.min(room, maxTokens) };
      return batcher.sample(wanted, options, signal, onPiece);
    },
  };
}

const tokensOf = (answers: readonly SampledAnswer[]): number => answers.reduce((sum, { tokens }) => sum + tokens, 0);
