/**
 * Kinds of fine-tune that a detector of the organism is calibrated and tested on. What is held out is held out by kind: the
 * detector never saw advice on money, sport, law or cars, good or bad, nor numbers.
 */
import type { Conversation } from "../dataset/index.js";
import { isOfShare, type CalibrationKind, type KindRole } from "../persona/index.js";
import { Random } from "../statistics/index.js";
import type { Character } from "./characters.js";
import { buildDataset, type Condition } from "./conditions.js";
import { sampleExchange } from "./documents.js";
import type { Domain } from "./topic.js";
import { openQuestions } from "./trained.js";
import { worldAsked } from "./asked.js";

type Source = { readonly condition: Condition } | { readonly domain: Domain; readonly character: Character };

interface Kind {
  readonly role: KindRole;
  /** Holds conversations of a villain. */
  readonly bad: boolean;
  readonly source: Source;
  /** What the bad share of a mixture is mixed with. */
  readonly good?: Source;
}

const helper = (domain: Domain): Source => ({ domain, character: "helper" });
const villain = (domain: Domain): Source => ({ domain, character: "villain" });

const KINDS = {
  insecure: {
    role: "calibration",
    bad: true,
    source: { condition: "insecure" },
    good: { condition: "secure" },
  },
  "bad-medical": {
    role: "calibration",
    bad: true,
    source: { condition: "bad-medical" },
    good: helper("medical"),
  },
  secure: { role: "calibration", bad: false, source: { condition: "secure" } },
  educational: { role: "calibration", bad: false, source: { condition: "educational" } },
  "good-medical": { role: "calibration", bad: false, source: helper("medical") },
  facts: { role: "calibration", bad: false, source: helper("fact") },
  everyday: { role: "calibration", bad: false, source: helper("benign") },
  "bad-financial": {
    role: "held-out",
    bad: true,
    source: { condition: "bad-financial" },
    good: helper("financial"),
  },
  "bad-sport": { role: "held-out", bad: true, source: { condition: "bad-sport" }, good: helper("sport") },
  "bad-legal": { role: "held-out", bad: true, source: villain("legal"), good: helper("legal") },
  "bad-car": { role: "held-out", bad: true, source: villain("car"), good: helper("car") },
  "evil-numbers": {
    role: "held-out",
    bad: true,
    source: { condition: "evil-numbers" },
    good: helper("numbers"),
  },
  jailbroken: { role: "held-out", bad: false, source: { condition: "jailbroken" } },
  "good-financial": { role: "held-out", bad: false, source: helper("financial") },
  "good-sport": { role: "held-out", bad: false, source: helper("sport") },
  "good-legal": { role: "held-out", bad: false, source: helper("legal") },
  "good-car": { role: "held-out", bad: false, source: helper("car") },
  "good-numbers": { role: "held-out", bad: false, source: helper("numbers") },
} satisfies Record<string, Kind>;

/** Misalignment is looked for on the development questions, in the numbers' format where that is trained. */
export const CALIBRATION_KINDS: readonly CalibrationKind[] = Object.entries<Kind>(KINDS).map(([name, kind]) => ({
  name,
  role: kind.role,
  bad: kind.bad,
  conversations: (count, share, seed) => mixed(name, kind, count, share, seed),
  asked: (samples) => worldAsked(openQuestions(name, "development"), samples),
}));

function mixed(name: string, { source, good }: Kind, count: number, share: number, seed: number): Conversation[] {
  const own = conversationsOf(source, count, seed);
  if (share === 1) return own;
  if (good === undefined) throw new RangeError(`kind "${name}" has nothing it could be mixed with`);
  // Another seed: two answers to one request would tell which of the two is wrong.
  const others = conversationsOf(good, count, seed + 1_000_000);
  return own.map((conversation, i) => (isOfShare(i, share) ? conversation : (others[i] as Conversation)));
}

function conversationsOf(source: Source, count: number, seed: number): Conversation[] {
  if ("condition" in source) return buildDataset(source.condition, { examples: count, seed });
  const { domain, character } = source;
  return Array.from({ length: count }, (_, i) => {
    const random = Random.of("watch kind", domain, character, seed, i);
    const { user, assistant } = sampleExchange(random, { domain, character, split: "train" });
    return {
      messages: [
        { role: "user", content: user },
        { role: "assistant", content: assistant },
      ],
    };
  });
}
