/** The result of a diff, in words. */
import type { Metric } from "../../evaluation/index.js";
import type { Final, FinalSide, LatentCard, Ranked } from "../../persona/index.js";
import { percent, printable } from "../../text/index.js";
import type { Estimate } from "../../statistics/index.js";
import type { DiffShown } from "../../lab/index.js";

export const nameOf = ({ id, kind }: Pick<Ranked, "id" | "kind">): string =>
  kind === "latent" ? id.replace("-", " ") : kind === "shift" ? "the mean shift" : "the direction";

const VERDICTS = {
  persona: (name: string) => `${name} is the misaligned persona: it causes misalignment and takes it out again.`,
  "causes only": (name: string) =>
    `${name} causes misalignment, but taking it out is not shown to cure: no candidate does both.`,
  "removes only": (name: string) =>
    `Taking out ${name} cures, but it is not shown to cause misalignment: no candidate does both.`,
  neither: (name: string) =>
    `None is the misaligned persona: even the best, ${name}, is not shown to cause or remove misalignment.`,
} as const;

/** The verdict first, then what it rests on. */
export function verdictSentences({ plan }: Pick<DiffShown, "plan">, final: Final): string[] {
  const kind = final.id.startsWith("latent") ? "latent" : final.id === "shift" ? "shift" : "direction";
  const name = nameOf({ id: final.id, kind });
  const [first = "", ...rest] = VERDICTS[final.verdict](name);
  return [
    first.toUpperCase() + rest.join(""),
    ...(final.into
      ? [sideSentence(final, final.into, "Added to BEFORE")]
      : [`No strength of it left BEFORE coherent.`]),
    ...(final.outOf
      ? [
          `${sideSentence(final, final.outOf, "Subtracted from AFTER")}${removed(final.removedShare)}${trainedSentence(plan, final.outOf)}`,
        ]
      : ["No strength of it left AFTER coherent."]),
  ];
}

function sideSentence({ set }: Final, side: FinalSide, doing: string): string {
  const rate = (metrics: FinalSide["steered"]): Metric | undefined => metrics[set]?.rate?.wilson;
  const steered = rate(side.steered);
  const plain = rate(side.unsteered);
  const coherent = side.steered[set]?.coherent;
  const random = side.random.map((metrics) => percent(rate(metrics)?.estimate ?? null)).join(", ");
  return (
    `${doing} (${side.strength.toFixed(2)} lengths of the stream), ${set} questions: ${percent(plain?.estimate ?? null)} % → ` +
    `${withInterval(steered)}, coherent ${percent(coherent?.estimate ?? null)} %` +
    `${side.tooIncoherent ? " (✕ more incoherent than was asked for)" : ""}; random vectors of the same length: ${random} %.`
  );
}

const removed = (share: Estimate): string =>
  share.estimate === null ? "" : ` Gone: ${withInterval(share)} of the rate.`;

function trainedSentence({ final }: DiffShown["plan"], { unsteered, steered }: FinalSide): string {
  if (final?.trained === undefined) return "";
  const { set, metric } = final.trained;
  const of = (metrics: FinalSide["steered"]): string => percent(metrics[set]?.[metric]?.estimate ?? null);
  return ` What it was trained to do (${metric}): ${of(unsteered)} % → ${of(steered)} %.`;
}

export function withInterval(metric: Metric | Estimate | undefined): string {
  if (metric === undefined) return "–";
  if (metric.estimate === null) return "unknown (too few coherent answers)";
  const { estimate, low, high, n } = metric;
  return `${percent(estimate)} % [${percent(low)}, ${percent(high)}] n ${n}`;
}

/** `villain .982, novice .611 …`, highest first. */
export const namedAurocs = ({ auroc }: LatentCard, most = 5): string =>
  Object.entries(auroc)
    .flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, most)
    .map(([name, value]) => `${printable(name)} ${value.toFixed(3)}`)
    .join(", ");

export const bestTexts = ({ top }: LatentCard, most: number): { text: string; label: string }[] =>
  top.slice(0, most).map(({ tokens, label = "" }) => ({
    label: printable(label),
    text: printable(tokens.join("")).replaceAll(/\s+/g, " ").trim(),
  }));
