/** Asks the server for a model's answer and hears it as it comes about. */
import type { PlayEvent, PlayRequest } from "../../src/dashboard/play/contract.ts";

/** Ends with an `answer` or an `error`, unless it is aborted. */
export async function askModel(
  request: PlayRequest,
  hear: (event: PlayEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch("/api/play", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request),
    signal,
  });
  if (!response.ok || response.body === null) {
    const body = (await response.json().catch(() => ({}))) as { readonly error?: string };
    hear({ type: "error", error: body.error ?? `The server answered ${response.status}.` });
    return;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let isOver = false;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = `${rest}${piece.value}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = JSON.parse(line) as PlayEvent;
      isOver ||= event.type === "answer" || event.type === "error";
      hear(event);
    }
  }
  if (!isOver) hear({ type: "error", error: "The server ended before the answer did." });
}
