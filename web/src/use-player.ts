/** One side of the play: what was said so far, and the answer that is under way. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { PlayEvent, PlayRequest } from "../../src/dashboard/play/contract.ts";
import { messageOf } from "./api.ts";
import { askModel } from "./ask-model.ts";

export type Answer = Extract<PlayEvent, { readonly type: "answer" }>;

export interface Turn {
  readonly role: "user" | "assistant";
  readonly content: string;
  /** Of the model's turns, once they are whole. */
  readonly answer?: Answer;
  /** How the model was steered: words for people. */
  readonly how?: string;
}

export interface Player {
  readonly turns: readonly Turn[];
  /** Absent while nothing is under way. */
  readonly state: string | undefined;
  readonly error: string | undefined;
  /** Whether the model said anything. */
  ask(question: string, how: string, request: Omit<PlayRequest, "messages">, system: string): Promise<boolean>;
  stop(): void;
  clear(): void;
}

export function usePlayer(): Player {
  const [turns, setTurns] = useState<readonly Turn[]>([]);
  const [state, setState] = useState<string>();
  const [error, setError] = useState<string>();
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);

  const stop = useCallback(() => controller.current?.abort(), []);
  const clear = useCallback(() => {
    controller.current?.abort();
    setTurns([]);
    setError(undefined);
  }, []);
  const ask: Player["ask"] = async (question, how, request, system) => {
    const own = new AbortController();
    controller.current = own;
    const before: readonly Turn[] = [...turns, { role: "user", content: question }];
    const messages = [
      ...(system === "" ? [] : [{ role: "system" as const, content: system }]),
      ...before.map(({ role, content }) => ({ role, content })),
    ];
    let said = "";
    let whole: Answer | undefined;
    const show = (): void =>
      setTurns([
        ...before,
        { role: "assistant", content: whole?.answer ?? said, how, ...(whole && { answer: whole }) },
      ]);
    setTurns(before);
    setError(undefined);
    setState("answering");
    try {
      await askModel(
        { ...request, messages },
        (event) => {
          if (event.type === "opening") setState(`opening ${event.title}`);
          else if (event.type === "error") setError(event.error);
          else {
            if (event.type === "text") said += event.text;
            else whole = event;
            setState("answering");
            show();
          }
        },
        own.signal,
      );
    } catch (failure) {
      if (!own.signal.aborted) setError(messageOf(failure));
    } finally {
      if (controller.current === own) setState(undefined);
      // A question without an answer can be asked again as it was.
      if (whole === undefined && said === "") setTurns(turns);
    }
    return whole !== undefined || said !== "";
  };
  return { turns, state, error, ask, stop, clear };
}
