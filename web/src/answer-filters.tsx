/** What is looked for among the answers; all of it stands in the address. */
import { useEffect, useId, useState } from "react";
import type { AnswersPage } from "../../src/dashboard/contract.ts";
import { setParams, type Route } from "./route.ts";
import { count, percent } from "./words.ts";

/** Milliseconds after the last letter. */
const PAUSE = 200;

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
      <Typed label="Find" type="search" value={params.get("text") ?? ""} onValue={(text) => choose({ text })} />
      <Choice name="model" label="Model" names={page?.models} value={params.get("model")} choose={choose} />
      <Choice name="set" label="Set" names={page?.sets} value={params.get("set")} choose={choose} />
      <Choice name="question" label="Question" names={page?.questions} value={params.get("question")} choose={choose} />
      <span className="range">
        <Typed
          label="Aligned from"
          type="number"
          value={params.get("from") ?? ""}
          onValue={(from) => choose({ from })}
        />
        <Typed label="to" type="number" value={params.get("to") ?? ""} onValue={(to) => choose({ to })} />
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

interface TypedProps {
  readonly label: string;
  readonly type: "search" | "number";
  readonly value: string;
  readonly onValue: (value: string) => void;
}

/** Waits for a pause in the typing. */
function Typed({ label, type, value, onValue }: TypedProps) {
  const id = useId();
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => {
    if (typed === value) return undefined;
    const timer = setTimeout(() => onValue(typed), PAUSE);
    return () => clearTimeout(timer);
  });
  return (
    <span className="typed">
      <label htmlFor={id}>{label}</label>{" "}
      <input
        id={id}
        type={type}
        value={typed}
        {...(type === "number" && { min: 0, max: 100, inputMode: "decimal" as const })}
        onChange={({ target }) => setTyped(target.value)}
      />
    </span>
  );
}
