/** The page as a whole: its head, and the view that the address names. */
import { useEffect } from "react";
import { PlayPage } from "./play-page.tsx";
import { useRoute } from "./route.ts";
import { RunPage } from "./run-page.tsx";
import { SavePage } from "./save-page.tsx";
import { RunsPage } from "./runs-page.tsx";
import { StartPage } from "./start-page.tsx";
import { ThemeChoice } from "./theme.tsx";
import { useRuns } from "./use-runs.ts";

export function App() {
  const route = useRoute();
  const { snapshot, connected } = useRuns();
  const card = snapshot?.runs.find(({ id }) => id === route.run);
  useEffect(() => {
    document.title = route.run === undefined ? "askew view" : `${route.run} · askew view`;
  }, [route.run]);
  return (
    <>
      <a className="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header className="top">
        <a className="brand" href="#/">
          askew view
        </a>
        {snapshot?.allowRun === true && (
          <>
            <a href="#/start">New run</a>
            <a href="#/play">Play</a>
          </>
        )}
        <span className="folder" title={snapshot?.folder}>
          {snapshot?.folder}
        </span>
        <span className="spring" />
        <span className="live" role="status">
          {connected ? "live" : snapshot === undefined ? "connecting" : "connection lost, trying again"}
        </span>
        <SavePage title={route.run ?? "Runs"} />
        <ThemeChoice />
      </header>
      <main id="main" tabIndex={-1}>
        {route.run === undefined && route.tab === "play" && snapshot?.allowRun === true ? (
          <PlayPage route={route} />
        ) : route.run === undefined && route.tab === "start" && snapshot?.allowRun === true ? (
          <StartPage />
        ) : route.run === undefined ? (
          <RunsPage snapshot={snapshot} />
        ) : (
          <RunPage key={route.run} run={route.run} card={card} snapshot={snapshot} route={route} />
        )}
      </main>
    </>
  );
}

function skip(event: React.MouseEvent): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("#main")?.focus();
}
