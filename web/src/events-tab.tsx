/** The log of a run, as it grows. */
import { useState } from "react";
import type { LoggedEvent, RunCard } from "../../src/dashboard/contract.ts";
import { useStream } from "./api.ts";
import { clock, counted } from "./words.ts";

/** The newest that are shown. */
const MOST = 1000;

export function EventsTab({ run, card }: { readonly run: string; readonly card: RunCard }) {
  const [events, setEvents] = useState<readonly LoggedEvent[]>([]);
  const [gone, setGone] = useState(false);
  useStream(
    `/api/run/events?run=${encodeURIComponent(run)}`,
    (data) => {
      const news = JSON.parse(data) as readonly LoggedEvent[];
      setEvents((before) => {
        const last = before.at(-1)?.id ?? 0;
        return [...before, ...news.filter(({ id }) => id > last)].slice(-MOST);
      });
    },
    () => setGone(true),
  );
  return (
    <section aria-label="Events">
      {card.command !== undefined && <code className="command">{card.command}</code>}
      {gone && <p className="problem">The file of events is not there any more.</p>}
      <p className="small">
        {counted(events.length, "event")}, the newest first
        {events.length === MOST && "; older ones are in events.jsonl"}
      </p>
      <ol className="log" reversed>
        {events.toReversed().map(({ id, time, type, ...more }) => (
          <li key={id} value={id}>
            <time dateTime={time}>{clock(time)}</time> <b>{type}</b>{" "}
            <span>
              {Object.entries(more)
                .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
                .join(", ")}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
