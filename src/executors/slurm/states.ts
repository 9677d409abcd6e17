/** From Slurm's words for the state of a job to ours. */
import type { TaskView } from "../executor.js";

const WAITING = new Set(["PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD"]);
const RUNNING = new Set(["RUNNING", "COMPLETING", "SUSPENDED", "STAGE_OUT", "STOPPED", "SIGNALING", "RESIZING"]);
/** The machine's fault, or a more important job's; Slurm itself requeues most of these. */
const AGAIN = new Set(["PREEMPTED", "NODE_FAIL", "BOOT_FAIL"]);

/** @param word of squeue or sacct; sacct may add who cancelled it: `CANCELLED by 1000` */
export function viewOf(word: string, reason = ""): TaskView {
  const state = word.split(/[\s+]/)[0]?.toUpperCase() ?? "";
  if (WAITING.has(state)) return { state: "waiting", ...(reason !== "" && reason !== "None" && { reason }) };
  if (RUNNING.has(state)) return { state: "running", ...(state !== "RUNNING" && { reason: state }) };
  if (state === "COMPLETED") return { state: "ended" };
  return { state: "failed", reason: state, ...(AGAIN.has(state) && { again: true }) };
}
