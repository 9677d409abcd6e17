// Any number of items, a bounded number at a time.
import { describe, expect, it } from "vitest";
import { concurrently } from "askew/endpoint";

const soon = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("concurrently", () => {
  it("gives every result once, and never has more than its width under way or waiting", async () => {
    let [running, most, taken, read] = [0, 0, 0, 0];
    const items = function* (): Generator<number> {
      for (let i = 0; i < 500; i++) {
        taken++;
        expect(taken - read).toBeLessThanOrEqual(9); // width, and the one being read
        yield i;
      }
    };
    const found: number[] = [];
    const work = async (i: number): Promise<number> => {
      most = Math.max(most, ++running);
      await (i % 7 === 0 ? soon(1) : Promise.resolve());
      running--;
      return i;
    };
    for await (const i of concurrently(items(), 8, work)) {
      read++;
      found.push(i);
      if (read % 50 === 0) await soon(2); // a slow reader
    }
    expect(found.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(most).toBe(8);
  });

  it("takes from a slow source without holding results back", async () => {
    async function* slow(): AsyncGenerator<number> {
      yield 1;
      await soon(30);
      yield 2;
    }
    const when: number[] = [];
    const start = performance.now();
    for await (const _ of concurrently(slow(), 4, (i) => Promise.resolve(i))) when.push(performance.now() - start);
    expect(when.length).toBe(2);
    expect((when[1] as number) - (when[0] as number)).toBeGreaterThan(10);
  });

  it("gives out what was under way before it throws the first failure, of the work or of the source", async () => {
    async function* failing(): AsyncGenerator<number> {
      yield 1;
      yield 2;
      throw new Error("source");
    }
    const sources: [Iterable<number> | AsyncIterable<number>, string][] = [
      [[0, 1, 2, 3, 4, 5, 6, 7, 8], "work"],
      [failing(), "source"],
    ];
    for (const [source, message] of sources) {
      const found: number[] = [];
      const work = async (i: number): Promise<number> => {
        await soon(i);
        if (i === 3) throw new Error("work");
        return i;
      };
      const all = (async () => {
        for await (const i of concurrently(source, 6, work)) found.push(i);
      })();
      await expect(all).rejects.toThrow(message);
      expect(found.length).toBeGreaterThanOrEqual(2);
    }
  });

  it("stops the work and the source when the loop is left", async () => {
    let [closed, stopped] = [false, false];
    function* source(): Generator<number> {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        closed = true;
      }
    }
    for await (const i of concurrently(
      source(),
      3,
      (n) => Promise.resolve(n),
      () => (stopped = true),
    ))
      if (i === 5) break;
    expect([closed, stopped]).toEqual([true, true]);
  });
});
