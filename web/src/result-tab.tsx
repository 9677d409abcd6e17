/** What a run found: its sentence, its figures, their numbers. */
import type { ResultView } from "../../src/dashboard/contract.ts";
import { useJson } from "./api.ts";
import { Facts } from "./facts.tsx";
import { FigureView, NumbersTable } from "./figure.tsx";

export function ResultTab({ path, version }: { readonly path: string; readonly version: number }) {
  const { data, error } = useJson<ResultView>(path, version);
  if (error !== undefined) return <p className="problem">{error}</p>;
  if (data === undefined) return <p className="empty">Reading …</p>;
  return (
    <div className="result">
      <p className="finding">{data.title}</p>
      {data.sentences.map((sentence) => (
        <p key={sentence} className="lede">
          {sentence}
        </p>
      ))}
      {data.figures.map((figure) => (
        <FigureView key={figure.id} figure={figure} />
      ))}
      {data.tables.map((table) => (
        <section key={table.caption} className="figure">
          <NumbersTable table={table} />
        </section>
      ))}
      {data.facts.length > 0 && <Facts facts={data.facts} />}
    </div>
  );
}
