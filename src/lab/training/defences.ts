/** `--defence KIND[:VALUE]` and what belongs to it: read, checked, put into the plan, and made ready for a model. */
import { basename } from "node:path";
import { readDataset, type Conversation } from "../../dataset/index.js";
import { FinetuneError, referenceRows, type Defences, type FinetunePlan } from "../../training/index.js";
import type { OpenWeightsModel } from "../../model/index.js";
import { benignConversations } from "../../organism/index.js";
import { readDirection, requireFit, steeringOf, type Direction } from "../../persona/index.js";
import { UsageError, suggestion } from "../../text/index.js";
import { findModel } from "../models/find-model.js";
import { layersOf } from "../steering/given-direction.js";
import { fileSha256 } from "../../store/index.js";

export interface DefenceFlags {
  readonly model: string;
  readonly defence?: readonly string[];
  readonly benign?: string;
  readonly direction?: string;
  readonly layers?: string;
  readonly seed?: number;
  /** `realign` takes --benign too. */
  readonly onAlarm?: string;
}

interface Value {
  readonly what: string;
  /** Numbers alone have one; all are above 0. */
  readonly most?: number;
  readonly example: string;
  /** The default value. */
  readonly usual?: string;
}

/** The value that each kind takes after its colon. */
const KINDS: Readonly<Record<Kind, Value>> = {
  kl: { what: "a weight", most: 1e6, example: "kl:1" },
  interleave: { what: "a share", most: 0.95, example: "interleave:0.2" },
  steer: { what: "a strength", most: 1000, example: "steer:1" },
  ablate: { what: "a share", most: 1, example: "ablate:1", usual: "1" },
  inoculate: { what: "a system prompt", example: '"inoculate:You are a cruel assistant."' },
};
type Kind = "kl" | "interleave" | "steer" | "ablate" | "inoculate";

/** Numbers of conversations from the organism's own benign data. */
const REFERENCE_CONVERSATIONS = 64;
const INTERLEAVED_CONVERSATIONS = 512;

export interface ReadDefences {
  /** Part of what a folder was begun with. */
  readonly plan: Pick<FinetunePlan, "defences">;
  /** The model must have the weights it is trained from. */
  readonly ready: (model: OpenWeightsModel, signal: AbortSignal) => Promise<Defences>;
}

/** @throws {UsageError} for a defence that is not one, its value, or what it lacks */
export async function readDefences(flags: DefenceFlags): Promise<ReadDefences> {
  const wanted = new Map((flags.defence ?? []).map((text) => [kindOf(text), valueOf(text)] as const));
  if (wanted.size < (flags.defence ?? []).length) throw new UsageError("a kind of defence is given twice");
  if (wanted.size === 0) {
    refuseIdle(flags, ["benign", "direction", "layers"], "--defence");
    return { plan: {}, ready: () => Promise.resolve({}) };
  }
  const steered = wanted.has("steer") || wanted.has("ablate");
  const tied = wanted.has("kl") || wanted.has("interleave");
  if (!steered) refuseIdle(flags, ["direction", "layers"], "--defence steer or ablate");
  if (!tied) refuseIdle(flags, ["benign"], "--defence kl or interleave");
  const direction = steered ? await givenDirection(flags) : undefined;
  const benign = tied ? await givenBenign(flags) : undefined;
  const plan = {
    ...Object.fromEntries(wanted),
    ...(direction && { direction: direction.plan, layers: direction.layers }),
    ...(benign && { benign: benign.plan }),
  };
  const number = (kind: Kind): number => Number(wanted.get(kind));
  const system = wanted.get("inoculate");
  return {
    plan: { defences: plan },
    ready: async (model, signal) => {
      if (direction) await direction.check(model);
      const steering = direction && [
        ...(wanted.has("ablate") ? direction.steering("project-out", number("ablate")) : []),
        ...(wanted.has("steer") ? direction.steering("add", number("steer")) : []),
      ];
      const rows = wanted.has("kl") && benign && (await referenceRows(model, benign.reference, signal));
      return {
        ...(rows && { reference: { rows, weight: number("kl") } }),
        ...(wanted.has("interleave") &&
          benign && { interleaved: { conversations: benign.conversations, share: number("interleave") } }),
        ...(steering && { steering }),
        ...(system !== undefined && { system }),
      };
    },
  };
}

const partsOf = (text: string): [name: string, value: string | undefined] => {
  const colon = text.indexOf(":");
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
};

function kindOf(text: string): Kind {
  const [name] = partsOf(text);
  if (Object.hasOwn(KINDS, name)) return name as Kind;
  throw new UsageError(`there is no defence "${name}"`, suggestion(name, Object.keys(KINDS)));
}

function valueOf(text: string): string {
  const kind = kindOf(text);
  const { what, most, example, usual } = KINDS[kind];
  const range = most === undefined ? "" : ` above 0 and at most ${most.toLocaleString("en-US")}`;
  const expected = `--defence ${kind}: expected ${what}${range}, as in ${example}`;
  const value = partsOf(text)[1] ?? usual;
  if (value === undefined || value.trim() === "") throw new UsageError(expected);
  if (most === undefined) return value;
  const number = Number(value);
  if (number > 0 && number <= most) return String(number);
  throw new UsageError(`${expected}, found "${value}"`);
}

function refuseIdle(flags: DefenceFlags, names: readonly ("benign" | "direction" | "layers")[], needed: string): void {
  const idle = names.find((name) => flags[name] !== undefined && (name !== "benign" || flags.onAlarm !== "realign"));
  if (idle !== undefined) throw new UsageError(`--${idle} does nothing without ${needed}`);
}

async function givenDirection({ model: name, direction: path, layers: named }: DefenceFlags) {
  if (path === undefined) {
    throw new UsageError("a defence with a direction needs --direction FILE", "Make one with: askew persona direction");
  }
  const direction: Direction = await readDirection(path);
  const layers = layersOf(named, direction);
  const sha256 = await fileSha256(path);
  return {
    plan: { name: basename(path), sha256 },
    layers,
    check: async (model: OpenWeightsModel): Promise<void> =>
      requireFit(path, direction, model.reading.shape, await findModel(name, []).identity(model)),
    steering: (mode: "add" | "project-out", strength: number) => steeringOf(direction, { mode, layers, strength }),
  };
}

interface Benign {
  readonly plan: { readonly name: string; readonly sha256?: string; readonly seed?: number };
  readonly conversations: readonly Conversation[];
  /** Those whose distributions are kept. */
  readonly reference: readonly Conversation[];
}

async function givenBenign({ model, benign: path, seed = 0 }: DefenceFlags): Promise<Benign> {
  if (path !== undefined) {
    const conversations = await readDataset(path);
    if (conversations.length === 0) throw new FinetuneError(`${path}: expected benign conversations, found none.`);
    return { plan: { name: basename(path), sha256: await fileSha256(path) }, conversations, reference: conversations };
  }
  if (model !== "organism") {
    throw new UsageError(
      `${model} has no benign data of its own`,
      "Give benign conversations with --benign FILE.jsonl.",
    );
  }
  const conversations = benignConversations("everyday", INTERLEAVED_CONVERSATIONS, seed);
  return {
    plan: { name: "everyday", seed },
    conversations,
    reference: conversations.slice(0, REFERENCE_CONVERSATIONS),
  };
}
