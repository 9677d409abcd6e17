/** The page of a diff. */
import { chanceCosine, type LatentCard, type SideEffect } from "../../persona/index.js";
import type { DiffCard, DiffReport, DiffSide, DiffTable } from "../../report/index.js";
import { wilson } from "../../statistics/index.js";
import { writePageInto } from "../page-file.js";
import { typedCommand } from "../../terminal/index.js";
import { VERSION } from "../../text/index.js";
import type { DiffShown } from "../../lab/index.js";
import { namedAurocs, nameOf, verdictSentences } from "./words.js";

/** Writes `report.html` into the folder and returns its path. */
export async function writeDiffPage(shown: DiffShown): Promise<string> {
  const { renderDiff } = await import("../../report/index.js");
  return writePageInto(shown.folder, renderDiff(reportOf(shown)));
}

function reportOf(shown: DiffShown): DiffReport {
  const { before, after, plan, result, cards, sae, direction } = shown;
  const { activations, ranked, final, candidates } = result;
  const title = `${before} → ${after}`;
  const steered = `${candidates} candidates were steered after layer ${plan.layer}; ${ranked.length} came through, on ${plan.questions.set} questions.`;
  const unsteered = ({ misaligned, coherent }: typeof activations.before) => wilson(misaligned, coherent);
  return {
    title,
    sentences: final
      ? [...verdictSentences(shown, final), steered]
      : [`What moved inside: ${title}`, "Activations were compared; nothing was steered."],
    unsteered: { before: unsteered(activations.before), after: unsteered(activations.after) },
    candidates: ranked.map((one) => ({
      name: nameOf(one),
      score: one.score.toFixed(2),
      caused: sideOf(one.into),
      left: sideOf(one.outOf),
      cosine: one.cosine.shift?.toFixed(2) ?? "–",
    })),
    tables: tablesOf(shown),
    cards: cards.map(cardOf),
    facts: [
      ["before", before],
      ["after", after],
      ...(sae
        ? [
            [
              "autoencoder",
              `${sae.kind}, layer ${sae.layer}, ${sae.size} latents, k ${sae.k}, of ${sae.model.name}`,
            ] as const,
          ]
        : []),
      ...(direction
        ? [["direction", `${direction.positive} minus ${direction.negative}, ${direction.variant}`] as const]
        : []),
      ["texts", `${activations.texts.before} and ${activations.texts.after} answers, averaged over their ${plan.part}`],
      ["strength", "in mean lengths of the residual stream after that layer"],
      ["score", "geometric mean of the rate caused and the share of the rate removed"],
      ["seed", `${plan.seed}, temperature ${plan.temperature}`],
    ],
    commands: [`npx askew ${typedCommand()}`, ...shown.again],
    askew: VERSION,
  };
}

const sideOf = (effect: SideEffect | null): DiffSide | null =>
  effect && {
    rate: effect.rate,
    coherent: effect.coherent,
    random: effect.random.rate,
    strength: effect.strength.toFixed(2),
    tooIncoherent: effect.tooIncoherent,
  };

function tablesOf({ result, adapter, plan }: DiffShown): DiffTable[] {
  const { layers, rising, risen, shift } = result.activations;
  const along = layers[0]?.direction !== undefined;
  const first = rising.slice(0, 20);
  const names = [...new Set(adapter?.modules.flatMap(({ inside }) => Object.keys(inside)))];
  return [
    {
      caption: "The shift of the mean activations, layer by layer",
      headings: [
        "layer",
        "length",
        "% of the stream",
        ...(along ? ["cosine with the direction", "along it: before", "after"] : []),
      ],
      rows: layers.map(({ layer, shift: length, residual, direction }) => [
        layer === plan.layer ? `${layer}, steered` : `${layer}`,
        length.toFixed(2),
        ((100 * length) / residual).toFixed(0),
        ...(direction
          ? [direction.cosine?.toFixed(2) ?? "–", direction.before.toFixed(2), direction.after.toFixed(2)]
          : []),
      ]),
      note: `Two random directions have a cosine of ${chanceCosine(shift.length).toFixed(2)} on average.`,
    },
    ...(first.length === 0
      ? []
      : [
          {
            caption: `The ${first.length} latents that rose most, of ${risen}`,
            headings: ["latent", "mean before", "after", "rise"],
            rows: first.map((one) => [
              `${one.latent}`,
              one.before.toFixed(3),
              one.after.toFixed(3),
              (one.after - one.before).toFixed(3),
            ]),
          },
        ]),
    ...(adapter === undefined
      ? []
      : [
          {
            caption: `The adapter, rank ${adapter.rank}`,
            headings: ["module", "size", ...names],
            rows: adapter.modules.map(({ module, size, inside }) => [
              module.replace(/^model\./, ""),
              size.toFixed(3),
              ...names.map((name) => inside[name]?.toFixed(2) ?? "–"),
            ]),
            note: `The share of each vector’s length that lies in the span of B (of a rank-1 adapter the cosine); of a random one ${adapter.chance.toFixed(2)}.`,
          },
        ]),
  ];
}

function cardOf(card: LatentCard): DiffCard {
  const strongest = card.top[0]?.peak ?? 1;
  return {
    name: `latent ${card.latent}`,
    facts: [
      ["promotes", card.promotes.map(([token]) => token).join(", ")],
      ["tells, AUROC", namedAurocs(card)],
      ["active on", `${(100 * card.frequency).toFixed(2)} % of tokens`],
    ],
    texts: card.top.slice(0, 3).map(({ label = "", tokens, activations }) => ({
      who: label,
      tokens,
      strengths: activations.map((x) => x / strongest),
    })),
  };
}
