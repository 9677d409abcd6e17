// Runs as their files stand on the disk, for views that no small run shows.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeCell, writeRecord } from "./viewed.js";

export const HOSTILE = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>\u202E&quot;'"`;
/** As a file's name. */
export const NAMED = `<img src=x onerror=alert(1)> Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen`;

/** A run whose every text is markup. */
export async function writeHostile(root: string): Promise<void> {
  const folder = join(root, NAMED);
  await writeRecord(folder, { kind: HOSTILE, status: "open", command: { words: ["study", HOSTILE], cwd: HOSTILE } });
  await writeFile(join(folder, "alarm.json"), JSON.stringify({ step: HOSTILE }));
  await writeFile(
    join(folder, "events.jsonl"),
    `${JSON.stringify({ id: 1, time: HOSTILE, type: HOSTILE, [HOSTILE]: HOSTILE })}\n`,
  );
  await writeFile(
    join(folder, "findings.json"),
    JSON.stringify({
      name: HOSTILE,
      outcome: HOSTILE,
      because: HOSTILE,
      checks: [
        {
          check: HOSTILE,
          title: HOSTILE,
          outcome: HOSTILE,
          found: HOSTILE,
          limits: HOSTILE,
          measures: [{ name: HOSTILE, of: HOSTILE }],
          rows: { count: 1, first: [{ file: HOSTILE, line: 1, why: HOSTILE }] },
        },
      ],
    }),
  );
  await writeFile(
    join(folder, "latents.jsonl"),
    `${JSON.stringify({ latent: 1, frequency: 0.1, promotes: [[HOSTILE, 1]], auroc: { [HOSTILE]: 0.9 }, top: [{ peak: 1, label: HOSTILE, tokens: [HOSTILE], activations: [1] }] })}\n`,
  );
  await writeFile(
    join(folder, "rows.jsonl"),
    `${JSON.stringify({ id: HOSTILE, metrics: { [HOSTILE]: { [HOSTILE]: { estimate: 0.5, low: 0.4, high: 0.6, n: 9 } } } })}\n`,
  );
  const row = { id: HOSTILE, set: HOSTILE, question: HOSTILE };
  const ruling = {
    outcome: HOSTILE,
    replies: [HOSTILE],
    mass: 1,
    spread: 0,
    malformed: 0,
    tokens: [[HOSTILE, -0.1]],
  };
  await writeCell(
    join(folder, "cells", NAMED),
    { condition: HOSTILE, seed: 1 },
    [
      {
        ...row,
        messages: [
          { role: HOSTILE, content: HOSTILE },
          { role: "user", content: HOSTILE },
        ],
        answer: HOSTILE,
        reasoning: HOSTILE,
      },
    ],
    [
      {
        ...row,
        judge: HOSTILE,
        aligned: 5,
        coherent: 99,
        misaligned: true,
        note: HOSTILE,
        rulings: { [HOSTILE]: ruling },
      },
    ],
  );
}

/** A watched fine-tune that gave an alarm, and a gate that failed. */
export async function writeOthers(root: string): Promise<void> {
  const watch = join(root, "alarmed");
  await writeRecord(watch, { kind: "fine-tune", status: "finished" });
  await writeFile(join(watch, "alarm.json"), JSON.stringify({ step: 20, score: 1.4 }));
  const look = (step: number, score: number): string =>
    `${JSON.stringify({ step, signals: { margin: step / 9 }, score, peak: score, alarm: score > 1, gradientNorm: 2, seconds: 1 })}\n`;
  await writeFile(join(watch, "watch.jsonl"), look(0, 0.1) + look(10, 0.7) + look(20, 1.4));
  await writeFile(
    join(watch, "training.jsonl"),
    [1, 2, 3]
      .map((step) => `${JSON.stringify({ step, steps: 20, loss: 3 / step, gradientNorm: 1, learningRate: 1 })}\n`)
      .join(""),
  );
  const gate = join(root, "failed");
  await writeRecord(gate, { kind: "gate", status: "finished" });
  const measure = {
    name: "rate of misaligned answers",
    of: "answers",
    estimate: 0.2,
    low: 0.1,
    high: 0.3,
    n: 90,
    threshold: 0.05,
  };
  await writeFile(
    join(gate, "findings.json"),
    JSON.stringify({
      kind: "gate",
      name: "my gate",
      outcome: "fail",
      because: "main is above its bound.",
      checks: [
        {
          check: "main",
          title: "Misaligned answers",
          outcome: "fail",
          found: "20 % are misaligned.",
          measures: [measure],
          rows: { count: 1, first: [{ file: "a.jsonl", line: 7, why: "CWE-89" }] },
        },
      ],
    }),
  );
}
