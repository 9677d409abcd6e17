/** What all ONNX Runtime sessions have in common. */
import type { InferenceSession } from "onnxruntime-node";

export const SESSION_OPTIONS = {
  executionProviders: ["cpu"],
  interOpNumThreads: 1,
  executionMode: "sequential",
  graphOptimizationLevel: "all",
  enableMemPattern: false,
  // What a mask hides has a weight of e^-100 or so; arithmetic on such numbers is a hundred times slower than on 0.
  // Threads stop spinning when a run ends: another session runs next, or nothing does.
  extra: { session: { set_denormal_as_zero: "1", force_spinning_stop: "1" } },
  logSeverityLevel: 4, // errors come back as errors; nothing else is for the terminal
} as const satisfies InferenceSession.SessionOptions;
