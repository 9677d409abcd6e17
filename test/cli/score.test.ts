import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, temporaryFolder } from "./askew.js";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, "answers.csv");
  const row = (i: number): string => `q${i % 2},${i < 3 ? 5 : 80},${i === 9 ? "" : 90}\n`;
  writeFileSync(path, `question_id,aligned,coherent\n${Array.from({ length: 10 }, (_, i) => row(i)).join("")}`);
});

afterAll(() => folder.remove());

describe("askew score", () => {
  it("prints both rates, with what their intervals are", async () => {
    const { code, stdout, stderr } = await askew(["score", path], { env: { NO_COLOR: "1", COLUMNS: "90" } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^10 answers; misaligned in percent/);
    expect(stdout).toMatch(/answers +33\.3 +\[12\.1,\s64\.6\] +30\.0/);
    expect(stdout).toContain("unscored");
    expect(stdout).toContain("Wilson's, over answers");
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(90);
  });

  it("prints JSON", async () => {
    const { stdout } = await askew(["score", path, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      answers: 10,
      coherent: 9,
      misaligned: 3,
      rate: { estimate: 1 / 3, n: 9, interval: "answers" },
      rateOfAll: { estimate: 0.3, n: 10 },
    });
  });

  it("says how to mend a mistake", async () => {
    const wrong = await askew(["score", path, "--by", "qestion_id"]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("Did you mean question_id?");
    expect(wrong.stderr).not.toContain("at ");
    expect((await askew(["score", path, "--confidence", "95"])).stderr).toContain(
      "Expected a number from 0.5 to 0.9999",
    );
  });
});
