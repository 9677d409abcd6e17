// Steering in float64: remove (a share of) the component along a direction, then add a vector, at the steered positions.
import type { Steering } from "#internal/onnx";
import type { Tape } from "../../graph/tape.js";
import type { After } from "./reference.js";

/** @param answerFrom where steering of the answer alone begins */
export function steered(t: Tape, steering: readonly Steering[], answerFrom = 0): After {
  return (layer, rows) =>
    steering
      .filter((s) => s.layer === layer)
      .reduce((current, { add, projectOut, share = 1, to = 0, capped = false, tokens }) => {
        const from = tokens === "answer" ? answerFrom : 0;
        let changed = current;
        if (projectOut) {
          const direction = t.numbers(projectOut.map((x) => x));
          const square = projectOut.reduce((total, x) => total + x * x, 0);
          changed = changed.map((row, position) => {
            if (position < from) return row;
            const dot = t.dot(row, direction);
            const beyond = t.subtract(dot, t.number(to * Math.sqrt(square)));
            if (capped && t.value(beyond) <= 0) return row;
            const along = t.scale(beyond, share / square);
            return row.map((x, i) => t.subtract(x, t.multiply(along, direction[i] as typeof x)));
          });
        }
        if (add) {
          const added = (row: (typeof changed)[number]) => row.map((x, i) => t.add(x, t.number(add[i] as number)));
          changed = changed.map((row, position) => (position < from ? row : added(row)));
        }
        return changed;
      }, rows);
}
