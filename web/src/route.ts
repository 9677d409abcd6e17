/** Where the page is, kept in the address behind "#": every view and every answer has a link of its own. */
import { useSyncExternalStore } from "react";

export interface Route {
  /** Undefined for the list of runs. */
  readonly run: string | undefined;
  readonly tab: string;
  readonly params: URLSearchParams;
}

const listen = (changed: () => void): (() => void) => {
  window.addEventListener("hashchange", changed);
  return () => window.removeEventListener("hashchange", changed);
};

export function useRoute(): Route {
  const hash = useSyncExternalStore(listen, () => window.location.hash);
  return routeOf(hash);
}

export function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const [, first, run, tab = ""] = path.split("/");
  const isRun = first === "run" && run !== undefined;
  return {
    run: isRun ? decoded(run) : undefined,
    tab: isRun ? tab : (first ?? ""),
    params: new URLSearchParams(query),
  };
}

export function linkTo(run: string, tab: string, params?: URLSearchParams): string {
  const query = params?.toString() ?? "";
  return `#/run/${encodeURIComponent(run)}/${tab}${query === "" ? "" : `?${query}`}`;
}

/** Changes parameters of the address in place: the way back leads to the view before, not to every letter typed. */
export function setParams(route: Route, changes: Readonly<Record<string, string | undefined>>, push = false): void {
  const params = new URLSearchParams(route.params);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === "") params.delete(name);
    else params.set(name, value);
  }
  const link = route.run === undefined ? `#/${route.tab}?${params.toString()}` : linkTo(route.run, route.tab, params);
  if (push) window.location.hash = link;
  else {
    window.history.replaceState(null, "", link);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
