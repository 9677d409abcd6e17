import {
  add,
  Engine,
  gatherRows,
  Graph,
  linear,
  matmul,
  multiply,
  sigmoid,
  sum,
  toInt64,
  type Program,
  type Value,
} from "askew/graph";
import { EngineError } from "#internal/graph";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

/** y = x + total; total becomes y. */
function counter(on = engine): Promise<Program> {
  const graph = new Graph();
  const total = graph.stateTensor("total", "float32", [2]);
  const y = add(graph.feed("x", "float32", [2]), total);
  graph.fetch("y", y);
  graph.update(total, y);
  return on.load(graph);
}

/** Sixteen values of 4 MiB, each of which is used once and, made again, once more in reverse order. */
async function bytesWhere(repeats: boolean): Promise<number> {
  const graph = new Graph();
  const x = graph.feed("x", "float32", [16_384, 64]);
  const w = graph.feed("w", "float32", [64, 64]);
  const factors = Array.from({ length: 16 }, (_, i) => graph.scalar(1 + i));
  let y: Value = x;
  for (const factor of [...factors, ...factors.toReversed()]) {
    const made = sigmoid(multiply(x, factor));
    y = add(linear(y, w), made);
  }
  graph.fetch("y", sum(y));
  graph.repeats = repeats;
  const program = await engine.load(graph, { keepMemory: true });
  const before = process.memoryUsage.rss();
  await engine.run(program, { x: new Float32Array(16_384 * 64).fill(0.5), w: new Float32Array(64 * 64) });
  const found = process.memoryUsage.rss() - before;
  await engine.release(program);
  return found;
}

/** A product that takes a good part of a second. */
async function slow(on: Engine): Promise<{ program: Program; feeds: Record<string, Float32Array> }> {
  const graph = new Graph();
  const x = graph.feed("x", "float32", [1024, 1024]);
  let y: Value = x;
  for (let i = 0; i < 8; i++) y = linear(y, x);
  graph.fetch("y", sum(y));
  return { program: await on.load(graph), feeds: { x: new Float32Array(1024 * 1024).fill(1e-3) } };
}

describe("the engine", () => {
  it("keeps state between runs, and hands out copies", async () => {
    const program = await counter();
    await engine.setState(new Map([["total", Float32Array.of(1, 2)]]));
    const first = await engine.run(program, { x: Float32Array.of(10, 20) });
    const second = await engine.run(program, { x: Float32Array.of(100, 200) });
    expect([...(first["y"] as Float32Array)]).toEqual([11, 22]);
    expect([...(second["y"] as Float32Array)]).toEqual([111, 222]);
    const total = (await engine.getState(["total"])).get("total") as Float32Array;
    expect([...total]).toEqual([111, 222]);
    total.fill(0);
    expect((await engine.getState(["total"])).get("total")?.[0]).toBe(111);
  });

  it("leaves the caller's thread free: its timers fire during a run", async () => {
    const { program, feeds } = await slow(engine);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 2);
    const start = performance.now();
    await engine.run(program, feeds);
    const elapsed = performance.now() - start;
    clearInterval(timer);
    expect(elapsed).toBeGreaterThan(20);
    // Other work may hold the thread up; in a blocked one no timer fires at all.
    expect(ticks).toBeGreaterThan(3);
  });

  it("refuses what still waits when it is closed, and everything after", async () => {
    const own = Engine.start({ threads: 1 });
    const { program, feeds } = await slow(own);
    const pending = [own.run(program, feeds), own.run(program, feeds), own.getState(["total"])];
    const refused = Promise.allSettled(pending);
    const closing = own.close();
    const results = await refused;
    expect(results.map((result) => result.status)).toEqual(["rejected", "rejected", "rejected"]);
    for (const result of results) {
      expect((result as PromiseRejectedResult).reason).toEqual(new EngineError("the engine is closed"));
    }
    await closing;
    await expect(own.run(program, feeds)).rejects.toThrow("the engine is closed");
    await own.close();
  });

  it("errors name the tensor, what was expected and what was found", async () => {
    const program = await counter();
    const x = Float32Array.of(1, 2);
    const error = async (message: string, run: Promise<unknown>): Promise<void> =>
      expect(run).rejects.toThrow(new EngineError(message));
    await engine.setState(new Map([["total", x]]));
    await error('run: the feed "x" is missing', engine.run(program));
    await error(
      'run: the feed "x" has 3 elements, expected 2 for [2]',
      engine.run(program, { x: Float32Array.of(1, 2, 3) }),
    );
    await error('run: the feed "x" must be a Float32Array', engine.run(program, { x: Int32Array.of(1, 2) }));
    await engine.setState(new Map([["total", Float32Array.of(1)]]));
    await error('run: the state tensor "total" has 1 elements, expected [2]', engine.run(program, { x }));
    await engine.dropState(["total"]);
    await error('run: the state tensor "total" was never set', engine.run(program, { x }));
    await error('getState: there is no state tensor "total"', engine.getState(["total"]));
    await error(
      'setState: "total" has 2 elements, expected 6 for [2, 3]',
      engine.setState(new Map([["total", x]]), new Map([["total", [2, 3]]])),
    );
    await engine.release(program);
    await expect(engine.run(program, { x })).rejects.toThrow("is not loaded");
  });

  it("a graph that is wrong costs nothing but its error", async () => {
    const graph = new Graph();
    graph.fetch("y", graph.node("NoSuchOperator", [graph.feed("x", "float32", [2])], [{ shape: [2] }])[0] as Value);
    await expect(engine.load(graph)).rejects.toThrow(/NoSuchOperator/);
    const wrong = new Graph();
    // Declared [2, 5]; the product is [2, 3].
    const factors = [wrong.feed("a", "float32", [2, 4]), wrong.feed("b", "float32", [4, 3])];
    wrong.fetch("y", wrong.node("MatMul", factors, [{ shape: [2, 5] }])[0] as Value);
    const feeds = { a: new Float32Array(8), b: new Float32Array(12) };
    await expect(engine.load(wrong).then((program) => engine.run(program, feeds))).rejects.toThrow(
      'run: the result "y" has the shape [2, 3], its graph says [2, 5]',
    );
    const program = await counter();
    await engine.setState(new Map([["total", Float32Array.of(0, 0)]]));
    const { y } = await engine.run(program, { x: Float32Array.of(3, 4) });
    expect([...(y as Float32Array)]).toEqual([3, 4]);
  });

  it("a run that fails inside leaves the state as it was", async () => {
    const graph = new Graph();
    const table = graph.stateTensor("table", "float32", [2, 2]);
    const row = gatherRows(table, toInt64(graph.feed("index", "int32", [1])));
    graph.update(table, add(table, row));
    const program = await engine.load(graph);
    await engine.setState(new Map([["table", Float32Array.of(1, 2, 3, 4)]]));
    await expect(engine.run(program, { index: Int32Array.of(7) })).rejects.toThrow(/Gather/);
    expect([...((await engine.getState(["table"])).get("table") as Float32Array)]).toEqual([1, 2, 3, 4]);
    await engine.run(program, { index: Int32Array.of(1) });
    expect([...((await engine.getState(["table"])).get("table") as Float32Array)]).toEqual([4, 6, 6, 8]);
  });

  it("writes over a state only what nobody reads afterwards", async () => {
    const x = (graph: Graph): Value => graph.feed("x", "float32", [2]);
    const inPlace = async (build: (graph: Graph, state: Value) => Value): Promise<boolean | undefined> => {
      const graph = new Graph();
      const state = graph.stateTensor("state", "float32", [1, 2]);
      graph.update(state, build(graph, state));
      const program = await engine.load(graph);
      await engine.setState([["state", Float32Array.of(1, 2)]]);
      await engine.run(program, { x: Float32Array.of(3, 5) });
      return program.signature.updates[0]?.inPlace;
    };
    const now = async (): Promise<number[]> => [...((await engine.getState(["state"])).get("state") as Float32Array)];
    expect(await inPlace((graph, state) => add(multiply(state, x(graph)), state))).toBe(true);
    expect(await now()).toEqual([4, 12]);
    // Another value that reads the state is no part of what its next value is made of.
    expect(
      await inPlace((graph, state) => {
        const next = add(state, x(graph));
        graph.fetch("y", multiply(next, state));
        return next;
      }),
    ).toBe(false);
    expect(await now()).toEqual([4, 7]);
    // Goes across its elements.
    expect(await inPlace((graph, state) => linear(state, graph.constant(Float32Array.of(0, 1, 1, 0), [2, 2])))).toBe(
      false,
    );
    expect(await now()).toEqual([2, 1]);
  });

  it("makes equal values twice where a graph repeats them, so that they need not be kept", async () => {
    const once = await bytesWhere(false);
    const twice = await bytesWhere(true);
    expect(twice).toBeLessThan(0.5 * once);
  });

  it("takes memory that is given, and leaves nothing behind", async () => {
    const data = Float32Array.of(1, 2, 3);
    await engine.giveState("given", data.subarray(1)); // a part of a memory is copied
    expect(data).toEqual(Float32Array.of(1, 2, 3));
    expect((await engine.getState(["given"])).get("given")).toEqual(Float32Array.of(2, 3));
    await engine.giveState("given", data);
    expect(data.length).toBe(0);
    expect((await engine.getState(["given"])).get("given")).toEqual(Float32Array.of(1, 2, 3));
  });

  it("appends to a cache at each row's own position, and nowhere else", async () => {
    const graph = new Graph();
    const cache = graph.stateTensor("cache", "float32", [2, 1, 3, 2]);
    graph.append(cache, graph.feed("new", "float32", [2, 1, 1, 2]), graph.feed("at", "int32", [2]));
    const program = await engine.load(graph);
    await engine.setState(new Map([["cache", new Float32Array(12)]]));
    await engine.run(program, { new: Float32Array.of(1, 2, 3, 4), at: Int32Array.of(2, 0) });
    const found = (await engine.getState(["cache"])).get("cache") as Float32Array;
    expect([...found]).toEqual([0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0]);
    await expect(engine.run(program, { new: new Float32Array(4), at: Int32Array.of(3, 0) })).rejects.toThrow(
      'append: positions 3 … 3 are outside the cache "cache" of 3',
    );
  });

  it("appends to the first rows of a larger cache, and copies rows of it", async () => {
    const graph = new Graph();
    const cache = graph.stateTensor("rows", "float32", [1, 1, 2, 2]);
    graph.append(cache, graph.feed("new", "float32", [1, 1, 1, 2]), graph.feed("at", "int32", [1]));
    const program = await engine.load(graph);
    await engine.setState(new Map([["rows", Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)]]));
    const found = async (): Promise<number[]> => [...((await engine.getState(["rows"])).get("rows") as Float32Array)];
    await engine.run(program, { new: Float32Array.of(9, 10), at: Int32Array.of(1) });
    expect(await found()).toEqual([1, 2, 9, 10, 5, 6, 7, 8]);
    const layout = { groups: 1, width: 2, from: 2, to: 2 };
    await engine.copyRows([["rows", "rows"]], layout, 2, [{ from: 0, to: 1 }]);
    expect(await found()).toEqual([1, 2, 9, 10, 1, 2, 9, 10]);
    await expect(engine.copyRows([["rows", "rows"]], layout, 2, [{ from: 2, to: 0 }])).rejects.toThrow(
      'copyRows: "rows" has 2 rows of 4 elements, found row 2',
    );
    // Into one that is made for it, of two groups of three positions, of which the last is new.
    await engine.setState(new Map([["wide", Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)]]));
    await engine.copyRows([["wide", "longer"]], { groups: 2, width: 1, from: 2, to: 3 }, 2, [{ from: 1, to: 0 }]);
    const longer = (await engine.getState(["longer"])).get("longer") as Float32Array;
    expect([...longer]).toEqual([5, 6, 0, 7, 8, 0, 0, 0, 0, 0, 0, 0]);
    // It grows, keeps what it has, and gives the first positions to a shorter one.
    await engine.copyRows([["wide", "longer"]], { groups: 2, width: 1, from: 2, to: 3 }, 3, []);
    expect(((await engine.getState(["longer"])).get("longer") as Float32Array).length).toBe(18);
    await engine.copyRows([["longer", "short"]], { groups: 2, width: 1, from: 3, to: 1 }, 1, [{ from: 0, to: 0 }]);
    expect([...((await engine.getState(["short"])).get("short") as Float32Array)]).toEqual([5, 7]);
    await engine.setState(new Map([["rows", new Float32Array(2)]]));
    await expect(engine.run(program, { new: new Float32Array(2), at: Int32Array.of(0) })).rejects.toThrow(
      'run: the state tensor "rows" has 2 elements, expected [1, 1, 2, 2]',
    );
  });

  it("one program's state is another's: shapes may differ where sizes agree", async () => {
    const graph = new Graph();
    graph.fetch("y", matmul(graph.stateTensor("total", "float32", [1, 2]), graph.feed("x", "float32", [2, 1])));
    const program = await engine.load(graph);
    await engine.setState(new Map([["total", Float32Array.of(3, 4)]]));
    const { y } = await engine.run(program, { x: Float32Array.of(1, 10) });
    expect([...(y as Float32Array)]).toEqual([43]);
    await engine.run(await counter(), { x: Float32Array.of(0, 0) });
    expect([...((await engine.run(program, { x: Float32Array.of(1, 1) }))["y"] as Float32Array)]).toEqual([7]);
  });

  it("counts denormal numbers as 0 in every engine of a process alike, also after others were closed", async () => {
    const size = 1000;
    const engines: Engine[] = [];
    const found: number[][] = [];
    for (const threads of [1, 1, 2, 1]) {
      const own = Engine.start({ threads });
      engines.push(own);
      const graph = new Graph();
      const product = multiply(graph.feed("a", "float32", [size]), graph.feed("b", "float32", [size]));
      graph.fetch("y", multiply(product, graph.scalar(1e10)));
      const program = await own.load(graph);
      const feeds = { a: new Float32Array(size).fill(1e-30), b: new Float32Array(size).fill(1e-10) };
      found.push([...new Set((await own.run(program, feeds))["y"])]);
      if (engines.length === 2) await engines[0]?.close();
    }
    expect(found).toEqual(found.map(() => found[0])); // [0], where the processor can do that
    await Promise.all(engines.map((own) => own.close()));
  });

  it("does not keep a process alive that waits for nothing", async () => {
    const script = `
      import { Engine, Graph, sum } from "askew/graph";
      const engine = Engine.start({ threads: 1 });
      const graph = new Graph();
      graph.fetch("y", sum(graph.feed("x", "float32", [2])));
      const { y } = await engine.run(await engine.load(graph), { x: Float32Array.of(1, 2) });
      console.log(y[0]);
    `;
    const run = (text: string): Promise<{ stdout: string }> =>
      promisify(execFile)(process.execPath, ["--input-type=module", "-e", text], { timeout: 30_000 });
    expect((await run(script)).stdout.trim()).toBe("3");
    // One that waits for the engine's end sees it.
    expect((await run(`${script}; await engine.close(); console.log("closed")`)).stdout.trim()).toBe("3\nclosed");
  });
});
