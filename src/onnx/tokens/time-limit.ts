/**
 * Ends a computation that a file of a model makes too long: a regular expression that backtracks without end, a
 * template that loops. V8 can stop such code only from a `vm` script; a call through it costs about 60 µs.
 */
import { createContext, Script } from "node:vm";

const context = createContext({ task: undefined });
const script = new Script("task()");

export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

/** How often a task is begun at most. */
const MOST_TRIES = 10;

/**
 * Runs `task` and throws {@link TimeLimitError} after `milliseconds`. V8 counts them by the clock. On a machine so busy
 * that this process had hardly any of that time, the task is begun again: it is not what took long.
 * @param task must not be asynchronous, and must do the same if it is broken off and begun again
 */
export function withTimeLimit<T>(milliseconds: number, task: () => T): T {
  const before: unknown = context["task"];
  context["task"] = task;
  const began = process.cpuUsage();
  try {
    for (let tries = 1; ; tries++) {
      try {
        return script.runInContext(context, { timeout: milliseconds }) as T;
      } catch (error) {
        if ((error as NodeJS.ErrnoException | undefined)?.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
        const { user, system } = process.cpuUsage(began);
        const worked = (user + system) / 1000;
        if (worked > milliseconds / 2 || tries === MOST_TRIES)
          throw new TimeLimitError(`stopped after ${milliseconds} ms`);
      }
    }
  } finally {
    context["task"] = before;
  }
}
