// The door to a server, with a clock that never stands still.
import { describe, expect, it } from "vitest";
import { AdaptiveLimit, Gate } from "#internal/endpoint";

describe("the gate", () => {
  it("lets in who comes while a pause ends, between one look at the clock and the next", async () => {
    // Just before the pause ends at the first look, and after it at the second.
    let times = [0];
    let slept = 0;
    const clock = {
      now: () => (times.length > 1 ? (times.shift() as number) : (times[0] as number)),
      after: (milliseconds: number, then: () => void): (() => void) => {
        slept = milliseconds;
        const timer = setTimeout(then, milliseconds);
        return () => clearTimeout(timer);
      },
    };
    const gate = new Gate(new AdaptiveLimit(), clock);
    gate.leave(await gate.enter(undefined, false), "overload", 1000);
    times = [999.9999, 1000];
    const pass = await gate.enter(undefined, true);
    expect(pass.flight).toBeDefined();
    expect(slept).toBeLessThan(1);
  });
});
