/** The files of a verdict for machines; its page is made by whoever shows results. */
import { join } from "node:path";
import { writeFileAtomically, writeJson } from "../../store/index.js";
import { inEnvelope } from "../../text/index.js";
import { metricsOf } from "../metrics.js";
import type { GateVerdict } from "../verdict.js";
import { junitXml } from "./junit.js";
import { modelCard, summaryMarkdown } from "./markdown.js";
import { sarifLog, type RowText } from "./sarif.js";
import { slackMessage } from "./slack.js";

/** Names of the files of a verdict in a run's folder. */
export const GATE_FILES = [
  "findings.json",
  "findings.sarif",
  "junit.xml",
  "summary.md",
  "metrics.json",
  "model-card.md",
  "slack.json",
  "report.html",
] as const;

export async function writeGateFiles(folder: string, verdict: GateVerdict, textOf?: RowText): Promise<void> {
  const text = (name: (typeof GATE_FILES)[number], content: string): Promise<void> =>
    writeFileAtomically(join(folder, name), (file) => file.writeFile(content));
  await writeJson(join(folder, "findings.json"), inEnvelope("gate", verdict));
  await writeJson(join(folder, "findings.sarif"), sarifLog(verdict, textOf));
  await text("junit.xml", junitXml(verdict));
  await text("summary.md", summaryMarkdown(verdict));
  await writeJson(join(folder, "metrics.json"), metricsOf(verdict));
  await text("model-card.md", modelCard(verdict));
  await writeJson(join(folder, "slack.json"), slackMessage(verdict));
}
