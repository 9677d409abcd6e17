/** Two models beside each other, of this run or of another one. */
import { useEffect, useState } from "react";
import type { ComparisonView, RunCard } from "../../src/dashboard/contract.ts";
import { useJson } from "./api.ts";
import { csvOf, save } from "./export.ts";
import { FigureView, NumbersTable } from "./figure.tsx";
import { setParams, type Route } from "./route.ts";
import { percent } from "./words.ts";

/** Milliseconds until the rest is asked for. */
const SOON = 200;

export interface CompareTabProps {
  readonly run: string;
  readonly runs: readonly RunCard[];
  readonly route: Route;
}

export function CompareTab({ run, runs, route }: CompareTabProps) {
  const { params } = route;
  const [version, setVersion] = useState(0);
  const other = params.get("other") ?? run;
  const named = { model: params.get("model"), otherModel: params.get("otherModel") };
  const [known, setKnown] = useState<ComparisonView["models"]>([[], []]);
  // The first model of a study is the one before any fine-tune: what the second is compared with.
  const [model, otherModel] = [named.model ?? known[0][1] ?? known[0][0] ?? "", named.otherModel ?? known[1][0] ?? ""];
  const query = new URLSearchParams({ run, model, other, otherModel });
  const { data, error } = useJson<ComparisonView>(`/api/compare?${query.toString()}`, version);
  useEffect(() => {
    if (data === undefined || data.read === 1) return undefined;
    const timer = setTimeout(() => setVersion((n) => n + 1), SOON);
    return () => clearTimeout(timer);
  }, [data]);
  const models = data?.models;
  useEffect(() => {
    if (models !== undefined) setKnown(models);
  }, [models]);
  const [first, second] = known;
  const isSame = other === run && model === otherModel;
  const isShown = data !== undefined && data.table.rows.length > 0 && !isSame;
  const choose = (changes: Readonly<Record<string, string | undefined>>): void => setParams(route, changes);
  return (
    <div className="result">
      <div className="filters" role="group" aria-label="What is compared">
        <Choice label="Model" value={model} names={first} onValue={(name) => choose({ model: name })} />
        <Choice
          label="minus model"
          value={otherModel}
          names={second}
          onValue={(name) => choose({ otherModel: name })}
        />
        <Choice
          label="of run"
          value={other}
          names={runs.filter(({ views }) => views.includes("answers")).map(({ id }) => id)}
          onValue={(id) => choose({ other: id, otherModel: undefined })}
        />
        {data !== undefined && data.read < 1 && <span role="status">{percent(data.read)} read</span>}
      </div>
      {error !== undefined && <p className="problem">{error}</p>}
      {data !== undefined && !isShown && (
        <p className="empty">
          {data.read < 1
            ? "Reading the answers …"
            : isSame
              ? "These are the same model. Choose another model, or another run."
              : "These two models have no judged question set in common. Choose two others."}
        </p>
      )}
      {data !== undefined && isShown && (
        <>
          {data.figures.map((figure) => (
            <FigureView key={figure.id} figure={figure} />
          ))}
          <section className="figure broad">
            <NumbersTable table={data.table} />
            <div className="tools">
              <button type="button" onClick={() => save("comparison.csv", "text/csv", csvOf(data.table))}>
                Table as CSV
              </button>
            </div>
          </section>
        </>
      )}
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly names: readonly string[];
  readonly onValue: (value: string) => void;
}

function Choice({ label, value, names, onValue }: ChoiceProps) {
  return (
    <label>
      {label}{" "}
      <select value={value} onChange={({ target }) => onValue(target.value)}>
        {!names.includes(value) && <option value={value}>{value === "" ? "choose" : value}</option>}
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}
