// How far a fine-tune moved a model along a persona: on a fake that moves by what its answers say.
import { describe, expect, it } from "vitest";
import { personaFinding, personaShift } from "#internal/audit";
import type { Direction } from "askew/persona";
import { FakeModel } from "../fake-model.js";

const shift = (estimate: number, low: number, high: number) => ({ estimate, low, high, n: 40 });

describe("the persona inside", () => {
  it("fails or passes by the interval, and is a note where no threshold is known", () => {
    expect(personaFinding(shift(0.3, 0.2, 0.4), 0.1)).toMatchObject({ check: "model/persona", outcome: "fail" });
    expect(personaFinding(shift(0.01, 0, 0.02), 0.1).outcome).toBe("pass");
    expect(personaFinding(shift(0.1, 0, 0.2), 0.1).outcome).toBe("not-measured");
    expect(personaFinding(shift(0.3, 0.2, 0.4), undefined).outcome).toBe("note");
    expect(personaFinding({ estimate: null, low: null, high: null, n: 3 }, 0.1)).toMatchObject({
      outcome: "not-measured",
      found: expect.stringContaining("Only 3 pairs") as string,
    });
  });

  it("is the mean over pairs of what each model reads of its own answer, in lengths of the direction", async () => {
    const model = new FakeModel();
    const { layers, width } = model.reading.shape;
    const ids = model.tokens.encodeText("ab");
    const read = async (id: number): Promise<Float32Array> =>
      ((await model.reading.activations([[id]], [0]))[0] as Map<number, Float32Array>).get(0) as Float32Array;
    const [a, b] = [await read(ids[0] as number), await read(ids[1] as number)];
    // Along a minus b, an answer "a" lies one length further than an answer "b".
    const vector = a.map((x, i) => x - (b[i] as number));
    const vectors = Float32Array.from({ length: layers * width }, (_, i) => vector[i % width] as number);
    const direction = { layers, width, vectors, recipe: { layer: 0 } } as unknown as Direction;
    const pairs = Array.from({ length: 30 }, (_, i) => ({
      messages: [{ role: "user" as const, content: `question ${i}` }],
      after: i % 2 === 0 ? "a" : "b",
      before: "b",
    }));
    const { signal } = new AbortController();
    const found = await personaShift({ after: model, before: model, direction, pairs, signal });
    expect(found.estimate).toBeCloseTo(0.5, 5);
    expect(found.n).toBe(30);
    expect((await personaShift({ after: model, before: model, direction, pairs: pairs.slice(0, 9), signal })).n).toBe(
      9,
    );
  });
});
