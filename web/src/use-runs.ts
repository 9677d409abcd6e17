/** The list of runs, kept up to date. */
import { useReducer } from "react";
import type { RunCard, RunsEvent, RunsSnapshot } from "../../src/dashboard/contract.ts";
import { useStream } from "./api.ts";

export interface Runs {
  readonly snapshot: RunsSnapshot | undefined;
  readonly connected: boolean;
}

export function useRuns(): Runs {
  const [snapshot, tell] = useReducer(next, undefined);
  const connected = useStream("/api/runs/events", (data) => tell(JSON.parse(data) as RunsEvent));
  return { snapshot, connected };
}

function next(before: RunsSnapshot | undefined, event: RunsEvent): RunsSnapshot | undefined {
  if (event.type === "snapshot") return event.snapshot;
  if (before === undefined) return undefined;
  const others = before.runs.filter(({ id }) => id !== (event.type === "run" ? event.run.id : event.id));
  if (event.type === "gone") return { ...before, runs: others };
  const at = before.runs.findIndex(({ id }) => id === event.run.id);
  // A run keeps its place while it is looked at; a new one comes first.
  const runs: RunCard[] = at < 0 ? [event.run, ...others] : before.runs.map((run, i) => (i === at ? event.run : run));
  return { ...before, runs };
}
