/** What an audit or a gate found, the worst first. */
import type { FindingLine, FindingsView } from "../../src/dashboard/contract.ts";
import { useJson } from "./api.ts";
import { counted } from "./words.ts";

const ORDER = ["fail", "not-measured", "note", "pass"];
const SIGNS: Readonly<Record<string, string>> = {
  fail: "✗",
  "not-measured": "?",
  note: "i",
  pass: "✓",
  incomplete: "?",
};

export function FindingsTab({ run, version }: { readonly run: string; readonly version: number }) {
  const { data, error } = useJson<FindingsView>(`/api/findings?run=${encodeURIComponent(run)}`, version);
  if (error !== undefined) return <p className="problem">{error}</p>;
  if (data === undefined) return <p className="empty">Reading …</p>;
  const findings = data.findings.toSorted((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
  return (
    <div className="result">
      <p className="finding">
        <Outcome outcome={data.outcome} /> {data.name}
      </p>
      {data.because !== "" && <p className="lede">{data.because}</p>}
      <ul className="findings">
        {findings.map((finding, i) => (
          <Finding key={`${finding.check} ${i}`} finding={finding} />
        ))}
      </ul>
    </div>
  );
}

function Outcome({ outcome }: { readonly outcome: string }) {
  return (
    <b className={`outcome is-${outcome}`}>
      <span aria-hidden="true">{SIGNS[outcome] ?? "·"} </span>
      {outcome.replaceAll("-", " ")}
    </b>
  );
}

function Finding({ finding }: { readonly finding: FindingLine }) {
  const { check, title, outcome, found, cure, limits, measures, count, rows } = finding;
  return (
    <li>
      <h2>
        <Outcome outcome={outcome} /> {title}
      </h2>
      <p className="small">{check}</p>
      <p>{found}</p>
      {cure !== "" && <p>{cure}</p>}
      {measures.length > 0 && (
        <dl className="about">
          {measures.map(({ name, value, interval, of, bound }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                {[value, interval].filter(Boolean).join(" ")}, {of}
                {bound !== "" && `; turns at ${bound}`}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {count > 0 && (
        <details>
          <summary>{counted(count, "row")}</summary>
          <ol className="rows">
            {rows.map(({ file, line, why }, i) => (
              <li key={`${file} ${line} ${i}`}>
                {file}, line {line}: {why}
              </li>
            ))}
          </ol>
        </details>
      )}
      {limits !== "" && (
        <details>
          <summary>What this check cannot see</summary>
          <p>{limits}</p>
        </details>
      )}
    </li>
  );
}
