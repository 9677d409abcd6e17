import { add, concatenate, Graph, linear, memoryOf, multiply, reshape } from "askew/graph";
import { describe, expect, it } from "vitest";

const KB = 1024;

describe("the memory of a graph", () => {
  it("is what is there at once: a value goes with its last reader, or gives its memory to what is made of it", () => {
    const graph = new Graph();
    const x = graph.feed("x", "float32", [16, 16]); // a feed, which is not counted
    const y = linear(x, graph.feed("w", "float32", [32, 16])); // 2 KB
    const doubled = multiply(y, y); // in its place
    const z = linear(doubled, graph.feed("v", "float32", [64, 32])); // 4 KB beside it
    graph.fetch("z", reshape(z, [64, 16])); // a view
    expect(memoryOf(graph)).toBe(6 * KB + 16); // 16 bytes are the shape of the view
  });

  it("holds what is read later until then, and counts nothing that is for nobody", () => {
    const graph = new Graph();
    const x = graph.feed("x", "float32", [256]);
    const kept = add(x, x); // 1 KB
    const other = multiply(kept, kept); // 1 KB: kept is read again
    multiply(x, other); // for nobody
    graph.fetch("y", concatenate([other, kept], 0)); // 2 KB
    expect(memoryOf(graph)).toBe(4 * KB);
  });

  it("counts constants", () => {
    const graph = new Graph();
    graph.fetch("y", add(graph.feed("x", "float32", [256]), graph.constant(new Float32Array(256), [256])));
    expect(memoryOf(graph)).toBe(2 * KB);
  });
});
