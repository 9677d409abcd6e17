/**
 * `npm run fuzz`: 100,000 damaged inputs to every reader of files and of servers' replies. About 8 minutes on quiet cores,
 * 18 at the lowest priority beside other work. `FUZZ_SEED` and `FUZZ_INPUTS` choose others; the seed and the
 * number of an input make it again.
 */
import { expect, it } from "vitest";
import { fuzz } from "./harness.js";

it(
  "damaged inputs",
  async () => {
    const { FUZZ_SEED: seed = "1", FUZZ_INPUTS: inputs = "100000", FUZZ_READERS: names } = process.env;
    const { findings, ...counts } = await fuzz(
      Number(seed),
      Number(inputs),
      (finding) => console.log(finding),
      names?.split(","),
    );
    console.log({ seed, ...counts });
    expect(findings).toEqual([]);
  },
  4 * 3_600_000,
);
