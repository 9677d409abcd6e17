/** Stops a run, or carries it on. */
import { useState } from "react";
import type { RunCard } from "../../src/dashboard/contract.ts";
import { messageOf, send } from "./api.ts";

const STOP = { path: "stop", label: "Stop after the present step", done: "It stops after its present step." };
const CARRY_ON = { path: "carry-on", label: "Carry on", done: "It carries on." };

export function RunControl({ run }: { readonly run: RunCard }) {
  const [said, setSaid] = useState<{ readonly text: string; readonly isProblem: boolean; readonly state: string }>();
  const [isBusy, setBusy] = useState(false);
  const { path, label, done } = run.state === "running" ? STOP : CARRY_ON;
  const act = async (): Promise<void> => {
    setBusy(true);
    try {
      await send("POST", `/api/run/${path}?run=${encodeURIComponent(run.id)}`, {});
      setSaid({ text: done, isProblem: false, state: run.state });
    } catch (error) {
      setSaid({ text: messageOf(error), isProblem: true, state: run.state });
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="control">
      <button type="button" disabled={isBusy} onClick={() => void act()}>
        {label}
      </button>
      {/* Once the state has changed, the head of the page says so itself. */}
      <span role="status" className={said?.isProblem === true ? "problem" : "small"}>
        {said?.state === run.state ? said.text : ""}
      </span>
    </div>
  );
}
