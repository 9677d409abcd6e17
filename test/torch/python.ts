// A Python with PyTorch, where there is one: tests of the worker skip otherwise. Nothing is installed for them.
import { spawnSync } from "node:child_process";
import { findPython } from "#internal/torch";

const NEEDED = ["torch", "transformers", "peft", "safetensors"];

const find = `import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ${JSON.stringify(NEEDED)})))`;

export const python: string = findPython();
export const hasTorch: boolean = spawnSync(python, ["-c", find]).status === 0;
if (!hasTorch) console.log(`tests of torch: skip, ${python} has not all of ${NEEDED.join(", ")} (set ASKEW_PYTHON)`);
