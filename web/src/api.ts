/** Talks to the server. */
import { useEffect, useRef, useState } from "react";
import type { Refused } from "../../src/dashboard/start/contract.ts";

/** What the server said of a request that it refused. */
export class Refusal extends Error {
  constructor(
    message: string,
    /** Of the request, where one field is wrong. */
    readonly field?: string,
  ) {
    super(message);
  }
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, signal === undefined ? {} : { signal });
  const body: unknown = await response.json().catch(() => ({}));
  if (!response.ok) throw refusalIn(body, response.status);
  return body as T;
}

export async function send<T>(method: "PUT" | "POST", path: string, value: unknown): Promise<T> {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(path, { method, headers, body: JSON.stringify(value) });
  const body: unknown = await response.json().catch(() => ({}));
  if (!response.ok) throw refusalIn(body, response.status);
  return body as T;
}

function refusalIn(body: unknown, status: number): Refusal {
  const { error, field } = typeof body === "object" && body !== null ? (body as Partial<Refused>) : {};
  return new Refusal(error ?? `The server answered ${status}.`, field);
}

export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: string | undefined;
}

/** What a path says, asked again whenever the path or `version` changes; the last answer stays until the next is there. */
export function useJson<T>(path: string | undefined, version: unknown = 0): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T> & { readonly path?: string }>({ data: undefined, error: undefined });
  useEffect(() => {
    if (path === undefined) return undefined;
    const controller = new AbortController();
    getJson<T>(path, controller.signal).then(
      (data) => setLoaded({ data, error: undefined, path }),
      (error: unknown) => {
        if (!controller.signal.aborted) setLoaded((before) => ({ ...before, error: messageOf(error) }));
      },
    );
    return () => controller.abort();
  }, [path, version]);
  return loaded.path === path || loaded.path?.split("?")[0] === path?.split("?")[0]
    ? loaded
    : { data: undefined, error: loaded.error };
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Milliseconds until a stream that the server refused is tried again. */
const AGAIN = 3000;

/**
 * Listens to a stream of events. A browser comes back by itself with the id of the last event it saw, so nothing is lost;
 * only where the server refused is it begun anew.
 */
export function useStream(path: string | undefined, onData: (data: string) => void, onGone?: () => void): boolean {
  const [connected, setConnected] = useState(false);
  const heard = useRef({ onData, onGone });
  heard.current = { onData, onGone };
  useEffect(() => {
    if (path === undefined) return undefined;
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = (): void => {
      source = new EventSource(path);
      source.addEventListener("open", () => setConnected(true));
      source.addEventListener("message", (event) => heard.current.onData(String(event.data)));
      source.addEventListener("gone", () => {
        source.close();
        heard.current.onGone?.();
      });
      source.addEventListener("error", () => {
        setConnected(false);
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN);
      });
    };
    open();
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }, [path]);
  return connected;
}
