// A task is ended by the time that it works, and not by the time that it waits for a processor.
import { describe, expect, it } from "vitest";
import { TimeLimitError, withTimeLimit } from "#internal/onnx";

const LIMIT = 100;
const sleep = (milliseconds: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

describe("a time limit", () => {
  it("ends a task that works without end", () => {
    const task = (): never => {
      for (;;) Math.random();
    };
    expect(() => withTimeLimit(LIMIT, task)).toThrow(new TimeLimitError(`stopped after ${LIMIT} ms`));
  });

  it("begins a task again that had no processor, and gives up on one that never gets any", () => {
    let begun = 0;
    const held = (times: number) => (): number => {
      if (begun++ < times) sleep(3 * LIMIT);
      return begun;
    };
    expect(withTimeLimit(LIMIT, held(2))).toBe(3);
    begun = 0;
    expect(() => withTimeLimit(LIMIT, held(1000))).toThrow(TimeLimitError);
    expect(begun).toBeGreaterThan(1);
    expect(begun).toBeLessThanOrEqual(10);
  });

  it("passes on what a task throws", () => {
    const task = (): never => {
      throw new RangeError("mine");
    };
    expect(() => withTimeLimit(LIMIT, task)).toThrow(new RangeError("mine"));
  });
});
