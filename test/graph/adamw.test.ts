import { adamw, corrections, Engine, Graph, momentNames, type AdamWOptions } from "askew/graph";
import { zeroMoments } from "#internal/graph";
import { Random } from "askew/statistics";
import { afterAll, describe, expect, it } from "vitest";
import { distance, filled, size } from "./evaluation.js";
import { parameter, plainAdamW, type Parameter } from "./reference-adamw.js";

const engine = Engine.start({ threads: 1 });
afterAll(() => engine.close());

const SHAPES = new Map([
  ["matrix", [3, 4]],
  ["vector", [5]],
  ["other", [2, 2, 2]],
]);

async function expectAgreement(options: AdamWOptions, scale: number): Promise<void> {
  const random = Random.of("adamw", scale);
  const draw = (by: number): Map<string, Float32Array> =>
    new Map([...SHAPES].map(([name, shape]) => [name, filled(size(shape), () => by * random.normal())]));
  const graph = new Graph();
  const values = [...SHAPES].map(([name, shape]) => graph.stateTensor(name, "float32", shape));
  const slopes = [...SHAPES].map(([name, shape]) => graph.feed(`g.${name}`, "float32", shape));
  graph.fetch("norm", adamw(graph, values, slopes, options));
  const program = await engine.load(graph);

  const start = draw(1);
  await engine.setState(new Map([...start, ...zeroMoments(values)]));
  const plain = new Map<string, Parameter>();
  for (const [name, shape] of SHAPES) plain.set(name, parameter(shape, start.get(name) as Float32Array));
  for (let t = 1; t <= 4; t++) {
    const rate = 1e-2 / t;
    const g = draw(scale);
    const { norm } = await engine.run(program, {
      ...Object.fromEntries([...g].map(([name, data]) => [`g.${name}`, data])),
      learningRate: Float32Array.of(rate),
      ...corrections(t, options),
    });
    expect(distance(norm as Float32Array, [plainAdamW(plain, g, rate, t, options)])).toBeLessThan(1e-6);
    for (const [name, { value, m, v }] of plain) {
      const names = [name, ...momentNames(name)];
      const state = await engine.getState(names);
      const expected = [value, m, v];
      names.forEach((key, i) => {
        const wanted = expected[i] as Float64Array;
        // Relative to the largest, however small that is.
        const unit = 1 / Math.max(...wanted.map(Math.abs));
        const found = (state.get(key) as Float32Array).map((x) => x * unit);
        expect(
          distance(
            found,
            wanted.map((x) => x * unit),
          ),
          `${key} after step ${t}`,
        ).toBeLessThan(1e-6);
      });
    }
  }
}

describe("adamw agrees with float64 to 1e-6 over four steps: norm, moments, parameters", () => {
  it("with its defaults, gradients clipped", () => expectAgreement({}, 10));
  it("with its defaults, gradients too small to clip", () => expectAgreement({}, 1e-3));
  it("with everything changed", () =>
    expectAgreement({ beta1: 0.8, beta2: 0.999, epsilon: 1e-4, weightDecay: 0.3, clip: 0.25 }, 1));
  it("without decay", () => expectAgreement({ weightDecay: 0 }, 1));
});

it("the norm of a large gradient loses nothing to rounding", async () => {
  // Beside a square of 2^25 a 1 is less than half a step of float32: added one by one, all of them would be lost.
  const shape = [4099, 600];
  const graph = new Graph();
  const value = graph.stateTensor("large", "float32", shape);
  graph.fetch("norm", adamw(graph, [value], [graph.feed("g", "float32", shape)]));
  const program = await engine.load(graph);
  await engine.setState(new Map([["large", new Float32Array(size(shape))], ...zeroMoments([value])]));
  const g = new Float32Array(size(shape)).fill(1);
  g[0] = Math.sqrt(2 ** 25);
  const { norm } = await engine.run(program, { g, learningRate: Float32Array.of(1e-3), ...corrections(1) });
  const exact = Math.sqrt(g.reduce((total, x) => total + x * x, 0));
  expect(Math.abs((norm?.[0] as number) / exact - 1)).toBeLessThan(1e-5);
});
