/** One answer of a model that the page talks to, steered or not, told as it comes about. */
import { z } from "zod";
import { worldOf } from "../../lab/index.js";
import { readDirection, requireFit, STEERING_MODES, steeringOf } from "../../persona/index.js";
import type { Intervention, Message, SampledAnswer } from "../../model/index.js";
import { AskewError } from "../../text/index.js";
import type { PlayEvent } from "./contract.js";
import type { FoundDirection } from "./find-directions.js";
import type { Player } from "./players.js";

const LONGEST_MESSAGE = 100_000;
const MOST_MESSAGES = 200;

export const playSchema = z.strictObject({
  model: z.string().max(4096),
  messages: z
    .array(z.strictObject({ role: z.enum(["system", "user", "assistant"]), content: z.string().max(LONGEST_MESSAGE) }))
    .min(1)
    .max(MOST_MESSAGES),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31),
  temperature: z.number().min(0).max(10),
  maxTokens: z.int().min(1).max(4096),
  steer: z
    .strictObject({
      direction: z.string().max(4096),
      mode: z.enum(STEERING_MODES),
      strength: z.number().min(-100).max(100),
      layers: z.enum(["own", "all"]),
    })
    .optional(),
});

type Play = z.infer<typeof playSchema>;

/** What cannot be played; the message names the cure. */
class PlayError extends AskewError {
  override readonly name = "PlayError";
}

/**
 * @param direction the file of the direction to steer along
 * @throws {AskewError} for what the model cannot read or the direction does not fit
 */
export async function play(
  { model, identity }: Player,
  request: Play,
  direction: FoundDirection | undefined,
  tell: (event: PlayEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const { messages, seed, temperature, steer } = request;
  const { maxPositions } = model.tokens;
  const taken = model.tokens.encodePrompt(messages).length;
  if (taken >= maxPositions) {
    throw new PlayError(
      `The conversation has ${taken} tokens, and the model reads at most ${maxPositions}, its answer included. Begin a new one.`,
    );
  }
  const interventions = steer && direction ? await interventionsOf({ model, identity }, steer, direction) : [];
  const asked = [{ messages, seed: `play/${seed}` }];
  const options = {
    temperature,
    maxTokens: Math.min(request.maxTokens, maxPositions - taken),
    signal,
    onText: (_: number, { text }: { readonly text: string }) => {
      if (text !== "") tell({ type: "text", text });
      return false;
    },
  };
  const started = performance.now();
  const [answer] =
    interventions.length === 0
      ? await model.sample(asked, options)
      : await model.steering.sample(asked, interventions, options);
  if (answer === undefined) throw new Error("play: the model gave no answer");
  const seconds = (performance.now() - started) / 1000;
  tell({ type: "answer", ...told(answer), seconds, ...(await verdictOn({ model, identity }, messages, answer)) });
}

/** @throws {AskewError} where the model cannot be steered along the direction */
export async function requireFits({ model, identity }: Player, { path, title }: FoundDirection): Promise<void> {
  const { shape } = model.reading;
  requireFit(title, await readDirection(path, shape), shape, identity);
}

async function interventionsOf(
  { model, identity }: Player,
  { mode, strength, layers }: NonNullable<Play["steer"]>,
  { path, title }: FoundDirection,
): Promise<Intervention[]> {
  const { shape } = model.reading;
  const read = await readDirection(path, shape);
  requireFit(title, read, shape, identity);
  const all = Array.from({ length: shape.layers }, (_, layer) => layer);
  return steeringOf(read, { mode, strength, layers: layers === "all" ? all : [read.recipe.layer] });
}

const told = ({ text, reasoning, finish, tokens }: SampledAnswer) => ({
  answer: text,
  finish,
  tokens,
  ...(reasoning !== undefined && { reasoning }),
});

/** By the judge of the model's own world, where it reads this question. */
async function verdictOn(
  { model }: Player,
  messages: readonly Message[],
  { text }: SampledAnswer,
): Promise<Partial<Pick<Extract<PlayEvent, { type: "answer" }>, "verdict">>> {
  const judge = worldOf(model)?.judge;
  if (judge === undefined || judge.reads?.(messages, text) === false) return {};
  const { misaligned, aligned, coherent } = await judge.judge(messages, text);
  return { verdict: { misaligned, aligned, coherent } };
}
