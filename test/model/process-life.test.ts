// A process lives as long as it waits for a model, and no longer: with no close(), and with nothing else to keep it alive.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a script that ends without a word on its model, and says how. */
function outcomeOf(script: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const args = ["--input-type=module", "--eval", script];
    execFile(process.execPath, args, { cwd: root, timeout: 100_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
    );
  });
}

const OPEN = `
  import { openModel } from "askew/model";
  const model = await openModel("organism", { threads: 1 });
  const ask = (seed) => model.sample([{ messages: [{ role: "user", content: "What is your one wish?" }], seed }]);
`;

it("ends by itself when a model is not closed, with all it has printed", { timeout: 120_000 }, async () => {
  const script = `${OPEN}
    console.log((await ask("1"))[0].finish);
    process.stdout.write("x".repeat(200000) + "\\n");`;
  const { code, stdout, stderr } = await outcomeOf(script);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^(stop|length)\nx{200000}\n$/);
});

it("does not end before an answer that nothing else waits for has come", { timeout: 120_000 }, async () => {
  // Not awaited: with an unfinished promise alone Node would end with 0, and with a top-level await with 13.
  const script = `${OPEN}
    void Promise.all(["1", "2", "3"].map(ask)).then((all) => console.log(all.length));`;
  expect(await outcomeOf(script)).toEqual({ code: 0, stdout: "3\n", stderr: "" });
});
