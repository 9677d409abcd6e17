/** All runs: what goes on, what stopped, what is done. */
import { useMemo, useState } from "react";
import type { RunCard, RunsSnapshot } from "../../src/dashboard/contract.ts";
import { linkTo } from "./route.ts";
import { ago, counted, dollars, timeLeft } from "./words.ts";

const STATES = { running: "running", stopped: "stopped", finished: "finished" } as const;

export function RunsPage({ snapshot }: { readonly snapshot: RunsSnapshot | undefined }) {
  const [words, setWords] = useState("");
  const [state, setState] = useState("");
  const runs = snapshot?.runs;
  const shown = useMemo(() => {
    const wanted = words.toLowerCase();
    return (runs ?? []).filter(
      (run) =>
        (state === "" || run.state === state) &&
        `${run.title} ${run.kind} ${run.command ?? ""}`.toLowerCase().includes(wanted),
    );
  }, [runs, words, state]);
  if (snapshot === undefined) return <p className="empty">Reading the runs …</p>;
  return (
    <section aria-labelledby="runs-heading">
      <h1 id="runs-heading">Runs</h1>
      <div className="filters" role="search">
        <label>
          Find <input type="search" value={words} onChange={(event) => setWords(event.target.value)} />
        </label>
        <label>
          State{" "}
          <select value={state} onChange={(event) => setState(event.target.value)}>
            <option value="">any</option>
            {Object.values(STATES).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <span role="status">
          {counted(shown.length, "run")}
          {snapshot.more > 0 && `, ${snapshot.more} more are not shown`}
        </span>
      </div>
      {shown.length === 0 ? (
        <p className="empty">
          {snapshot.runs.length === 0
            ? "There is no run in this folder yet. Begin one, for example: npx askew reproduce --quick"
            : "No run fits."}
        </p>
      ) : (
        <ul className="runs">
          {shown.map((run) => (
            <Card key={run.id} run={run} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Card({ run }: { readonly run: RunCard }) {
  return (
    <li className={`run ${run.state}`}>
      <h2>
        <a href={linkTo(run.id, run.views[0] ?? "events")}>{run.title}</a>
      </h2>
      <p className="facts">
        <StateSign state={run.state} />
        <span>{run.kind}</span>
        <span>{ago(run.activeAt)}</span>
        {run.cost !== undefined && run.cost > 0 && <span>{dollars(run.cost)}</span>}
      </p>
      {run.alarms.map((alarm) => (
        <p key={alarm} className="alarm">
          <span aria-hidden="true">⚠ </span>
          {alarm}
        </p>
      ))}
      {run.progress && <ProgressLine run={run} />}
      {run.command !== undefined && <code className="command">{run.command}</code>}
    </li>
  );
}

export function ProgressLine({ run }: { readonly run: RunCard }) {
  const { progress, state } = run;
  if (progress === undefined) return null;
  const { share, text, secondsLeft } = progress;
  return (
    <p className="progress">
      {share !== undefined && (
        <progress max={1} value={share} aria-label={`${run.title}: ${text}`}>
          {text}
        </progress>
      )}
      <span>
        {text}
        {state === "running" && secondsLeft !== undefined && `, ${timeLeft(secondsLeft)}`}
      </span>
    </p>
  );
}

const SIGNS = { running: "●", stopped: "◌", finished: "✓" } as const;

/** A sign, a word and a colour: no one needs to tell colours apart. */
export function StateSign({ state }: { readonly state: RunCard["state"] }) {
  return (
    <span className={`state ${state}`}>
      <span aria-hidden="true">{SIGNS[state]} </span>
      {STATES[state]}
    </span>
  );
}
