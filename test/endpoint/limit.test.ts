// The adaptive limit as pure logic: time is a number.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AdaptiveLimit, jitter, parseRetryAfter, type Flight, type FlightEnd } from "#internal/endpoint";

/** Fills the limit, then ends everything in flight alike. */
function round(limit: AdaptiveLimit, how: FlightEnd, now: number): number {
  const flights: Flight[] = [];
  while (limit.mayStart(now)) flights.push(limit.start());
  for (const flight of flights) limit.end(flight, how, now);
  return flights.length;
}

describe("the adaptive limit", () => {
  it("doubles with every round until the first overload, and stays at its most", () => {
    const limit = new AdaptiveLimit({ start: 4, most: 64 });
    const rounds = Array.from({ length: 6 }, () => round(limit, "success", 0));
    // A flight that leaves room behind it does not count as use, so a round adds about half of what it could.
    expect(rounds[0]).toBe(4);
    for (const [i, size] of rounds.slice(1).entries()) expect(size).toBeGreaterThan(rounds[i] as number);
    for (let i = 0; i < 200; i++) round(limit, "success", 0);
    expect(limit.limit).toBe(64);
  });

  it("is halved once by a round of overloads, then grows by at most one a round", () => {
    const limit = new AdaptiveLimit({ start: 64, most: 64 });
    expect(round(limit, "overload", 0)).toBe(64);
    expect(limit.limit).toBe(32);
    const before = limit.limit;
    round(limit, "success", 0);
    expect(limit.limit - before).toBeLessThanOrEqual(1);
    round(limit, "overload", 0);
    expect(limit.limit).toBe(16);
  });

  it("never falls below its least", () => {
    const limit = new AdaptiveLimit({ start: 8, least: 2, most: 8 });
    for (let i = 0; i < 10; i++) round(limit, "overload", 0);
    expect(limit.limit).toBe(2);
  });

  it("does not grow while it is not used", () => {
    const limit = new AdaptiveLimit({ start: 8, most: 64 });
    for (let i = 0; i < 100; i++) limit.end(limit.start(), "success", 0);
    expect(limit.limit).toBe(8);
  });

  it("pauses for everybody until the latest moment that was asked for", () => {
    const limit = new AdaptiveLimit({ start: 8, most: 8 });
    const flights = [limit.start(), limit.start()];
    limit.end(flights[0] as Flight, "overload", 100, 5000);
    limit.end(flights[1] as Flight, "overload", 100, 2000);
    expect(limit.mayStart(5099)).toBe(false);
    expect(limit.pause(3100)).toBe(2000);
    expect(limit.mayStart(5100)).toBe(true);
  });

  it("settles near what a server can bear", () => {
    const limit = new AdaptiveLimit({ start: 16, most: 256 });
    const bears = 40;
    const sizes: number[] = [];
    for (let i = 0; i < 400; i++) {
      const flights: Flight[] = [];
      while (limit.mayStart(i)) flights.push(limit.start());
      sizes.push(flights.length);
      flights.forEach((flight, n) => limit.end(flight, n < bears ? "success" : "overload", i));
    }
    const late = sizes.slice(100);
    expect(late.reduce((a, b) => a + b) / late.length).toBeGreaterThan(bears / 2);
    expect(Math.max(...late)).toBeLessThanOrEqual(bears + 2);
  });

  it("keeps its promises under any history", () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ type: fc.constant("start" as const) }) },
      {
        weight: 4,
        arbitrary: fc.record({
          type: fc.constant("end" as const),
          which: fc.nat(),
          how: fc.constantFrom<FlightEnd>("success", "overload", "other"),
          retryAfter: fc.constantFrom(0, 0, 0, 50),
        }),
      },
      { weight: 1, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.nat(100) }) },
    );
    const bounds = fc.record({
      least: fc.integer({ min: 1, max: 4 }),
      more: fc.nat(40),
      start: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(bounds, fc.array(step, { maxLength: 300 }), ({ least, more, start }, steps) => {
        const limit = new AdaptiveLimit({ least, most: least + more, start });
        const flights: { flight: Flight; at: number }[] = [];
        let [now, overloads, lastCut] = [0, 0, -1];
        let pausedUntil = 0;
        for (const [i, action] of steps.entries()) {
          const before = limit.limit;
          if (action.type === "wait") now += action.ms;
          else if (action.type === "start") {
            expect(limit.mayStart(now)).toBe(flights.length < before && now >= pausedUntil);
            if (limit.mayStart(now)) flights.push({ flight: limit.start(), at: i });
          } else if (flights.length > 0) {
            const [{ flight, at }] = flights.splice(action.which % flights.length, 1) as [
              { flight: Flight; at: number },
            ];
            limit.end(flight, action.how, now, action.retryAfter);
            pausedUntil = Math.max(pausedUntil, action.retryAfter > 0 ? now + action.retryAfter : 0);
            if (action.how === "overload") overloads++;
            if (limit.limit < before) {
              expect(action.how).toBe("overload");
              expect(at).toBeGreaterThan(lastCut); // one cut for all that were in flight together
              expect(limit.limit).toBeGreaterThanOrEqual(Math.max(least, Math.floor(before / 2)));
              lastCut = i;
            }
            expect(limit.limit - before).toBeLessThanOrEqual(1);
            if (action.how !== "success") expect(limit.limit).toBeLessThanOrEqual(before);
          }
          expect(limit.inFlight).toBe(flights.length);
          expect(limit.limit).toBeGreaterThanOrEqual(least);
          expect(limit.limit).toBeLessThanOrEqual(least + more);
        }
        if (overloads === 0) expect(limit.limit).toBeGreaterThanOrEqual(Math.min(Math.max(start, least), least + more));
      }),
      { numRuns: 300 },
    );
  });

  it("refuses bounds that make no sense", () => {
    expect(() => new AdaptiveLimit({ least: 0 })).toThrow(/1 <= least <= most, found 0 and 256/);
    expect(() => new AdaptiveLimit({ least: 5, most: 4 })).toThrow(RangeError);
  });
});

describe("waiting", () => {
  it("is spread over everything up to a ceiling that doubles and ends", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, u) => {
          const wait = jitter(attempt, () => u, 100, 5000);
          expect(wait).toBeGreaterThanOrEqual(0);
          expect(wait).toBeLessThanOrEqual(Math.min(5000, 100 * 2 ** (attempt - 1)));
        },
      ),
    );
    expect(jitter(3, () => 0.5, 100, 5000)).toBe(200);
  });

  it("understands Retry-After in seconds, with units and as a date, and nothing else", () => {
    const now = Date.parse("Fri, 20 Nov 2026 10:00:00 GMT");
    expect(parseRetryAfter("7", now)).toBe(7000);
    expect(parseRetryAfter(" 0.25 ", now)).toBe(250);
    expect(parseRetryAfter(["3", "9"], now)).toBe(3000);
    expect(parseRetryAfter("Fri, 20 Nov 2026 10:00:30 GMT", now)).toBe(30_000);
    expect(parseRetryAfter("Friday, 20-Nov-26 10:00:30 GMT", now)).toBe(30_000);
    expect(parseRetryAfter("Fri, 20 Nov 2026 09:00:00 GMT", now)).toBe(0);
    for (const [said, wait] of [
      ["2s", 2000],
      ["250ms", 250],
      ["1m30.5s", 90_500],
      ["7 seconds", 7000],
    ] as const) {
      expect(parseRetryAfter(said, now)).toBe(wait);
    }
    for (const odd of [undefined, "", "soon", "-3", "1e9", "NaN", "2027-01-01", "3 days"]) {
      expect(parseRetryAfter(odd, now)).toBeUndefined();
    }
  });
});
