/** What is looked for among the answers; all of it stands in the address. */
import type { AnswersPage } from "../../src/dashboard/contract.ts";
import { setParams, type Route } from "./route.ts";
import { TypedField } from "./typed-field.tsx";
import { count, percent } from "./words.ts";

const SORTS = [
  ["", "order asked"],
  ["aligned", "least aligned first"],
  ["aligned-", "most aligned first"],
  ["coherent", "least coherent first"],
  ["coherent-", "most coherent first"],
  ["spread-", "judges differ most first"],
] as const;

const FLAGS = [
  ["misaligned", "misaligned"],
  ["disagree", "judges disagree"],
  ["noted", "marked or noted"],
] as const;

export interface AnswerFiltersProps {
  readonly route: Route;
  readonly page: AnswersPage | undefined;
}

export function AnswerFilters({ route, page }: AnswerFiltersProps) {
  const { params } = route;
  const choose = (changes: Readonly<Record<string, string | undefined>>): void => setParams(route, changes);
  const sort = `${params.get("sort") ?? ""}${params.get("descending") === "true" ? "-" : ""}`;
  return (
    <div className="filters" role="search" aria-label="Answers">
      <TypedField label="Find" type="search" value={params.get("text") ?? ""} onValue={(text) => choose({ text })} />
      <Choice name="model" label="Model" names={page?.models} value={params.get("model")} choose={choose} />
      <Choice name="set" label="Set" names={page?.sets} value={params.get("set")} choose={choose} />
      <Choice name="question" label="Question" names={page?.questions} value={params.get("question")} choose={choose} />
      <span className="range">
        <TypedField
          label="Aligned from"
          type="number"
          value={params.get("from") ?? ""}
          onValue={(from) => choose({ from })}
        />
        <TypedField label="to" type="number" value={params.get("to") ?? ""} onValue={(to) => choose({ to })} />
      </span>
      <label>
        Sort{" "}
        <select
          value={sort}
          onChange={({ target: { value } }) =>
            choose({ sort: value.replace("-", ""), descending: value.endsWith("-") ? "true" : undefined })
          }
        >
          {SORTS.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {FLAGS.map(([name, label]) => (
        <label key={name} className="flag">
          <input
            type="checkbox"
            checked={params.get(name) === "true"}
            onChange={({ target: { checked } }) => choose({ [name]: checked ? "true" : undefined })}
          />{" "}
          {label}
        </label>
      ))}
      <p className="counts" role="status">
        {page === undefined ? "Reading …" : countsOf(page)}
      </p>
      {page?.problems.map((problem) => (
        <p key={problem} className="problem">
          {problem}
        </p>
      ))}
    </div>
  );
}

function countsOf({ matches, answers, misaligned, read, searched }: AnswersPage): string {
  const parts = [`${count(matches)} of ${count(answers)} answers`, `${count(misaligned)} misaligned in all`];
  if (read < 1) parts.push(`${percent(read)} read`);
  if (searched < 1) parts.push(`${percent(searched)} searched`);
  return parts.join(" · ");
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly names: readonly string[] | undefined;
  readonly value: string | null;
  readonly choose: (changes: Readonly<Record<string, string | undefined>>) => void;
}

function Choice({ name, label, names = [], value, choose }: ChoiceProps) {
  const all = value === null || names.includes(value) ? names : [value, ...names];
  return (
    <label>
      {label}{" "}
      <select value={value ?? ""} onChange={({ target }) => choose({ [name]: target.value })}>
        <option value="">any</option>
        {all
          .filter((one) => one !== "")
          .map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
      </select>
    </label>
  );
}
