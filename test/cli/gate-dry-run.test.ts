// A gate's dry run says what cannot be read before anything is asked.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { askew, temporaryFolder } from "./askew.js";

const LINE = '{"messages":[{"role":"user","content":"Hi."},{"role":"assistant","content":"Hello."}]}\n';

it("reads the data and knows its reader", { timeout: 120_000 }, async () => {
  const work = await temporaryFolder();
  try {
    await writeFile(join(work.path, "good.jsonl"), `${LINE}${LINE}{"messages": [\n`);
    await writeFile(join(work.path, "broken.jsonl"), '{"messages": [\n');
    const dry = async (reader: string, data: string) => {
      const text = `gate: dry\ndata: [${data}]\nreader: ${reader}\n`;
      await writeFile(join(work.path, "gate.yaml"), text);
      return askew(["gate", "gate.yaml", "--dry-run"], { cwd: work.path });
    };
    const fine = await dry("organism", "good.jsonl");
    expect([fine.code, fine.stdout]).toEqual([
      0,
      "good.jsonl: reads 2 conversations, also by organism; 1 row cannot be read.\nNo model is asked.\n",
    ]);
    expect((await dry("organsim", "good.jsonl")).stderr).toMatch(/^error: .*organsim/);
    const broken = await dry("organism", "broken.jsonl");
    expect(broken.stderr).toContain("broken.jsonl, line 1");
    expect(broken.code).toBe(2);
  } finally {
    await work.remove();
  }
});
