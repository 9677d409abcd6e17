import type { Measure } from "../../study/index.js";

/** Readings are plain numbers, all else is a share. */
export const unitOf = ({ of }: Pick<Measure, "of">): "share" | "number" =>
  typeof of === "object" && "reading" in of ? "number" : "share";
