/** From a gate's verdict to its page. */
import type { GateRun } from "../../gate/index.js";
import { writePageInto } from "../page-file.js";

/** Writes `report.html` into the run's folder and returns its path. */
export async function writeGatePage({ folder, verdict }: GateRun, command: string): Promise<string> {
  const { renderGate } = await import("../../report/index.js");
  return writePageInto(folder, renderGate({ verdict, commands: [command] }));
}
