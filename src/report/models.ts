/** Several models of one study beside each other: one view for the terminal's table and the page. */
import type { ChangeRow, Summary } from "./data.js";
import { html } from "./markup.js";
import { headlineSection, tableSection } from "./page/results.js";
import { repeatSection } from "./page/repeat.js";
import { section } from "./page/section.js";
import { page } from "./page/shell.js";

/** A difference between two models in one condition. */
export interface ModelDifference extends ChangeRow {
  readonly model: string;
}

/** `http://localhost:8000/v1#my-model` → `my-model`, `local:runs/a/model` → `a/model`, as far as names stay apart. */
function shortNames(models: readonly string[]): string[] {
  const short = models.map((model) => {
    const served = model.split("#")[1] ?? model.replace(/^(?:openai|local):/, "");
    return served.split("/").slice(-2).join("/");
  });
  return new Set(short).size === short.length ? short : [...models];
}

/**
 * One summary in which a condition of a model is a row of its own. Fine-tunes are compared with their own base; the untuned
 * models are compared with the first.
 */
export function besideEachOther(summaries: readonly Summary[], between: readonly ModelDifference[]): Summary {
  const names = shortNames(summaries.map(({ model }) => model));
  const nameOf = (i: number, condition: string): string =>
    condition === "base" ? (names[i] as string) : `${names[i]} ${condition}`;
  const rows = summaries.flatMap(({ conditions }, i) =>
    conditions.map((row) => ({ ...row, condition: nameOf(i, row.condition) })),
  );
  const change = summaries.flatMap((summary, i) => [
    ...(summary.change ?? []).map((row) => ({ ...row, condition: nameOf(i, row.condition) })),
    ...between
      .filter((row) => row.model === summary.model && row.condition === "base")
      .map(({ condition, trigger, questions, metrics }) => ({
        condition: nameOf(i, condition),
        trigger,
        questions,
        metrics,
      })),
  ]);
  const ofRole = (wanted: (summary: Summary, condition: string) => boolean): string[] =>
    summaries.flatMap((summary, i) => {
      const conditions = [...new Set(summary.conditions.map(({ condition }) => condition))];
      return conditions.filter((condition) => wanted(summary, condition)).map((condition) => nameOf(i, condition));
    });
  const [first] = summaries;
  return {
    study: first?.study ?? "",
    model: `${summaries.length} models`,
    ...(first?.judge !== undefined && { judge: first.judge }),
    controls: ofRole(
      ({ controls = [] }, condition) => controls.includes(condition) || ["secure", "educational"].includes(condition),
    ),
    bases: ofRole((_, condition) => condition === "base"),
    conditions: rows,
    change,
  };
}

/** A page of its own above the models' reports. */
export function renderModels(
  summary: Summary,
  links: readonly { readonly model: string; readonly href: string }[],
  { commands, askew }: { readonly commands: readonly string[]; readonly askew: string },
): string {
  return page({
    title: `${summary.study}: ${summary.model}`,
    askew,
    lede: html`<p>
      Fine-tunes are compared with the model that they were made from, untuned models with the first of them.
    </p>`,
    main: html`${headlineSection(summary)} ${tableSection(summary)}
    ${section(
      "models",
      "Each model's own report",
      html`<ul>
        ${links.map(({ model, href }) => html`<li><a href="${href}">${model}</a></li>`)}
      </ul>`,
    )}
    ${repeatSection(commands, [])}`,
  });
}
