/** Python, where a test asks another implementation. `ASKEW_PYTHON` names the interpreter; default `python3`. */
import { spawnSync } from "node:child_process";

const interpreter = process.env["ASKEW_PYTHON"] ?? "python3";

/** Runs a script that finds `given` in its variable of that name, and returns what it puts into `result`. */
export function python(script: string, given: unknown = null): unknown {
  const text = [
    "import json, sys",
    "given = json.load(sys.stdin)",
    script,
    "print()",
    "print(json.dumps(result))",
  ].join("\n");
  const { stdout, stderr, status } = spawnSync(interpreter, ["-c", text], {
    input: JSON.stringify(given),
    encoding: "utf8",
    env: { ...process.env, PYTHONIOENCODING: "utf-8", HF_HUB_OFFLINE: "1", TRANSFORMERS_VERBOSITY: "error" },
  });
  if (status !== 0) throw new Error(`python: ${stderr}`);
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}

/** Why a test with these modules cannot run here; undefined when it can. */
export function lacks(...modules: string[]): string | undefined {
  const list = modules.map((name) => `importlib.util.find_spec(${JSON.stringify(name)}) is not None`);
  const { stdout, status } = spawnSync(interpreter, ["-c", `import importlib.util; print(all([${list.join(", ")}]))`], {
    encoding: "utf8",
  });
  if (status !== 0) return `there is no ${interpreter} here`;
  return stdout.trim() === "True" ? undefined : `${interpreter} lacks one of ${modules.join(", ")}`;
}
