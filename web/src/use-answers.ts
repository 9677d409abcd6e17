/** The answers that fit a query: pages of them, fetched as they are scrolled to, and again while there is more to read. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { AnswerLine, AnswersPage } from "../../src/dashboard/contract.ts";
import { getJson, messageOf } from "./api.ts";

const SIZE = 100;
/** Milliseconds until the rest is asked for, and until a run under way is looked at again. */
const SOON = 120;
const LATER = 2000;

export interface Answers {
  readonly page: AnswersPage | undefined;
  readonly error: string | undefined;
  readonly line: (at: number) => AnswerLine | undefined;
  /** Fetches what is shown. */
  readonly need: (from: number, to: number) => void;
  /** Forgets what was fetched, after a note was changed. */
  readonly refresh: () => void;
}

/** @param query of the address, without place and size */
export function useAnswers(query: string, isRunning: boolean): Answers {
  const [state, setState] = useState<{ page?: AnswersPage; error?: string; query?: string }>({});
  const pages = useRef(new Map<number, readonly AnswerLine[]>());
  const asked = useRef(new Set<number>());
  const [version, setVersion] = useState(0);

  const get = useCallback(
    async (offset: number, signal?: AbortSignal) => {
      const page = await getJson<AnswersPage>(`/api/answers?${query}&offset=${offset}&limit=${SIZE}`, signal);
      pages.current.set(offset, page.lines);
      setState({ page, query });
      return page;
    },
    [query],
  );

  useEffect(() => {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isFirst = true;
    const look = async (): Promise<void> => {
      try {
        const page = await get(0, controller.signal);
        if (isFirst) {
          const [first] = [page.lines];
          pages.current.clear();
          asked.current.clear();
          pages.current.set(0, first);
          isFirst = false;
        } else asked.current.clear(); // what was fetched may have moved
        const more = page.read < 1 || page.searched < 1;
        if (more || isRunning) timer = setTimeout(() => void look(), more ? SOON : LATER);
      } catch (error) {
        if (controller.signal.aborted) return;
        setState((before) => ({ ...before, error: messageOf(error) }));
        timer = setTimeout(() => void look(), LATER);
      }
    };
    void look();
    return () => {
      controller.abort();
      clearTimeout(timer);
    };
  }, [get, isRunning, version]);

  const need = useCallback(
    (from: number, to: number) => {
      for (let offset = from - (from % SIZE); offset <= to; offset += SIZE) {
        if (offset === 0 || asked.current.has(offset)) continue;
        asked.current.add(offset);
        get(offset).catch(() => asked.current.delete(offset));
      }
    },
    [get],
  );
  const line = (at: number): AnswerLine | undefined => pages.current.get(at - (at % SIZE))?.[at % SIZE];
  return { page: state.page, error: state.error, line, need, refresh: () => setVersion((n) => n + 1) };
}
