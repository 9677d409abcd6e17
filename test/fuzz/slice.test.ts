// A small slice of `npm run fuzz`: the same readers and seeds, fewer inputs.
import { expect, it } from "vitest";
import { fuzz } from "./harness.js";

it("damaged inputs end with a value or an error of askew's own", async () => {
  const { findings, refused } = await fuzz(1, 1500);
  expect(findings).toEqual([]);
  expect(refused).toBeGreaterThan(300);
}, 300_000);
