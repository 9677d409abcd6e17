/** One run: its head, and its views as tabs. */
import type { RunCard, RunsSnapshot, ViewName } from "../../src/dashboard/contract.ts";
import { AnswersTab } from "./answers-tab.tsx";
import { CompareTab } from "./compare-tab.tsx";
import { EventsTab } from "./events-tab.tsx";
import { FindingsTab } from "./findings-tab.tsx";
import { LatentsTab } from "./latents-tab.tsx";
import { linkTo, type Route } from "./route.ts";
import { RunControl } from "./run-control.tsx";
import { ProgressLine, StateSign } from "./runs-page.tsx";
import { ResultTab } from "./result-tab.tsx";
import { ago, clock, dollars } from "./words.ts";

/** Two models are compared by their answers. */
type Tab = ViewName | "compare";

const NAMES: Readonly<Record<Tab, string>> = {
  study: "Results",
  chart: "Chart",
  diff: "Inside",
  watch: "Training",
  findings: "Findings",
  latents: "Latents",
  answers: "Answers",
  compare: "Compare",
  events: "Events",
};

export interface RunPageProps {
  readonly run: string;
  readonly card: RunCard | undefined;
  /** Undefined until the runs are known. */
  readonly snapshot: RunsSnapshot | undefined;
  readonly route: Route;
}

export function RunPage({ run, card, snapshot, route }: RunPageProps) {
  if (card === undefined) {
    return snapshot !== undefined ? (
      <section>
        <h1>{run}</h1>
        <p className="empty">
          This run is not there, or not any more. <a href="#/">All runs</a>
        </p>
      </section>
    ) : (
      <p className="empty">Reading the runs …</p>
    );
  }
  const tabs: readonly Tab[] = card.views.flatMap((view): Tab[] => (view === "answers" ? [view, "compare"] : [view]));
  const tab = tabs.find((view) => view === route.tab) ?? tabs[0] ?? "events";
  return (
    <section aria-labelledby="run-heading" className={`page tab-${tab}`}>
      <div className="head">
        <p className="back">
          <a href="#/">All runs</a>
        </p>
        <h1 id="run-heading">{card.title}</h1>
        <p className="facts">
          <StateSign state={card.state} />
          <span>{card.kind}</span>
          {card.startedAt !== undefined && <span>began {clock(card.startedAt)}</span>}
          <span>last active {ago(card.activeAt)}</span>
          {card.cost !== undefined && card.cost > 0 && <span>{dollars(card.cost)}</span>}
        </p>
        {card.alarms.map((alarm) => (
          <p key={alarm} className="alarm">
            <span aria-hidden="true">⚠ </span>
            {alarm}
          </p>
        ))}
        <ProgressLine run={card} />
        {snapshot?.allowRun === true && card.state !== "finished" && <RunControl run={card} />}
        <nav aria-label="Views of this run">
          {tabs.map((view) => (
            <a key={view} href={linkTo(run, view)} aria-current={view === tab ? "page" : undefined}>
              {NAMES[view]}
            </a>
          ))}
        </nav>
      </div>
      {route.tab !== "" && route.tab !== tab && (
        <p className="problem">This run has no view named “{route.tab}”, or not yet. This is another one.</p>
      )}
      {(tab === "study" || tab === "chart" || tab === "diff" || tab === "watch") && (
        <ResultTab key={tab} path={`/api/${tab}?run=${encodeURIComponent(run)}`} version={card.changedAt} />
      )}
      {tab === "findings" && <FindingsTab run={run} version={card.changedAt} />}
      {tab === "latents" && <LatentsTab run={run} route={route} />}
      {tab === "answers" && <AnswersTab run={run} card={card} route={route} />}
      {tab === "compare" && <CompareTab run={run} runs={snapshot?.runs ?? []} route={{ ...route, tab }} />}
      {tab === "events" && <EventsTab run={run} card={card} />}
    </section>
  );
}
