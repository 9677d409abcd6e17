/**
 * 1,000 cells that sleep, on a real Slurm of this machine with one slurmd a node: preemptions, machines that die, and
 * stragglers. Counts what is lost, what is run twice, and the makespan against its lower bound. Cells are a script that
 * does what a run does to its folder (a checkpoint for every unit of work, an end mark) and no work; what submits, finds
 * and follows the jobs is askew's own.
 *
 * Needs root, Debian's slurm-wlm, munge and procps, and a build. 1,000 cells take about 6 minutes, nearly all of it
 * sleep; 100 short ones without faults about 2 minutes.
 *   node experiments/cluster-simulation.mjs                    1,000 cells, with faults
 *   node experiments/cluster-simulation.mjs --cells 100 --faults no
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Slurm } from "../dist/executors/index.js";
import { followJobs } from "../dist/lab/index.js";
import { Random } from "../dist/statistics/index.js";

const { values } = parseArgs({
  options: {
    cells: { type: "string", default: "1000" },
    nodes: { type: "string", default: "8" },
    cpus: { type: "string", default: "8" },
    unit: { type: "string", default: "2" },
    units: { type: "string", default: "6" },
    faults: { type: "string", default: "yes" },
    seed: { type: "string", default: "1" },
  },
});
const [cells, nodes, cpus, unit, units] = ["cells", "nodes", "cpus", "unit", "units"].map((name) =>
  Number(values[name]),
);
const hasFaults = values.faults === "yes";
const random = Random.of("cluster-simulation", values.seed);

const home = mkdtempSync(join(tmpdir(), "askew-sim-"));
const script = resolve(import.meta.dirname, "../test/executors/slurm.sh");
const slurm = (...words) => execFileSync("bash", [script, words[0], join(home, "slurm"), ...words.slice(1)]);

/** A cell: `bash cell.sh run FOLDER`. One line of `done` for each unit of work; a lock like a run's; the end by a rename. */
writeFileSync(
  join(home, "cell.sh"),
  `folder=$2
if ! mkdir "$folder/lock" 2>/dev/null; then
  other=$(cat "$folder/lock/pid")
  if kill -0 "$other" 2>/dev/null; then echo "in use by $other" >&2; echo twice >>"$folder/events"; exit 2; fi
fi
echo $$ >"$folder/lock/pid"
echo "started $EPOCHREALTIME" >>"$folder/events"
[ -f "$folder/finished" ] && { echo again >>"$folder/events"; exit 0; }
touch "$folder/done"
read -r need length <"$folder/plan"
while done=$(wc -l <"$folder/done"); [ "$done" -lt "$need" ]; do sleep "$length"; echo "$done" >>"$folder/done"; done
echo "$need" >"$folder/.finished" && mv "$folder/.finished" "$folder/finished"
echo "ended $EPOCHREALTIME" >>"$folder/events"
rm -r "$folder/lock"
`,
);

// One cell in 50 is a straggler, which takes three times as long; the longest are begun first nowhere: the order is the plan's.
const tasks = Array.from({ length: cells }, (_, i) => `cells/${i}`);
let work = 0;
let longest = 0;
for (const [i, task] of tasks.entries()) {
  mkdirSync(join(home, task), { recursive: true });
  const need = hasFaults && i % 50 === 25 ? 3 * units : Math.max(1, Math.round(units * (0.5 + random.uniform())));
  writeFileSync(join(home, task, "plan"), `${need} ${unit}\n`);
  work += need * unit;
  longest = Math.max(longest, need * unit);
}

slurm("start", String(11_000 + (process.pid % 1000) * 20), String(nodes), String(cpus));
process.env.SLURM_CONF = join(home, "slurm", "slurm.conf");
const run = (command, ...words) => execFileSync(command, words, { encoding: "utf8" }).trim();

const faults = { preemptions: 0, nodeFailures: 0 };
const isFinished = async (task) => existsSync(join(home, task, "finished"));
const job = { home, cwd: home, askew: ["bash", join(home, "cell.sh")], options: [] };
const began = performance.now();
const beganAt = Date.now() / 1000;
const timers = [];
if (hasFaults) {
  // A job of another user's, more urgent than ours, takes half a machine for a few seconds.
  const preempt = () => {
    faults.preemptions++;
    const wanted = ["--partition=urgent", `--cpus-per-task=${cpus / 2}`, "--output=/dev/null", "--wrap", "sleep 4"];
    run("sbatch", "--parsable", "--job-name=other", ...wanted);
  };
  // A machine dies with all that runs on it, and is back after a while.
  const fail = () => {
    const name = `n${1 + Math.floor(random.uniform() * nodes)}`;
    faults.nodeFailures++;
    slurm("kill", name);
    run("scontrol", "update", `nodename=${name}`, "state=down", "reason=simulated");
    setTimeout(() => {
      slurm("node", name);
      try {
        run("scontrol", "update", `nodename=${name}`, "state=resume");
      } catch {
        // The controller has seen that it is back by itself.
      }
    }, 6000);
  };
  timers.push(setInterval(preempt, 9000), setInterval(fail, 31_000));
}

let submissions = 0;
try {
  await followJobs({ tasks, isFinished }, new Slurm(job, { cpus: 1 }), {
    home,
    name: "simulation",
    onNotice: (line) => {
      submissions++;
      if (submissions < 20) console.error(line);
    },
  });
} finally {
  for (const timer of timers) clearInterval(timer);
}
const seconds = (performance.now() - began) / 1000;
await new Promise((done) => setTimeout(done, 7000));
slurm("stop");

// What became of every cell, from its own files.
const [lengths, ended] = [[], []];
let [lost, twice, again, restarts, unitsDone, unitsNeeded] = [0, 0, 0, 0, 0, 0];
for (const task of tasks) {
  const files = readdirSync(join(home, task));
  const lines = (name) =>
    files.includes(name)
      ? readFileSync(join(home, task, name), "utf8")
          .trim()
          .split("\n")
      : [];
  const [need] = readFileSync(join(home, task, "plan"), "utf8")
    .split(" ")
    .map(Number);
  const events = lines("events");
  if (!files.includes("finished")) lost++;
  twice += events.filter((event) => event === "twice").length;
  again += events.filter((event) => event === "again").length;
  const timesOf = (what) =>
    events.filter((event) => event.startsWith(what)).map((event) => Number(event.split(" ")[1]));
  restarts += timesOf("started").length - 1;
  ended.push(...timesOf("ended"));
  lengths.push((timesOf("ended")[0] ?? 0) - (timesOf("started")[0] ?? 0));
  unitsDone += lines("done").length;
  unitsNeeded += need;
}
// Without faults: what the same cells, as long as they really took, need in the same order with no time between them.
const slots = Array.from({ length: nodes * cpus }, () => 0);
for (const length of lengths) {
  const first = slots.indexOf(Math.min(...slots));
  slots[first] += length;
}
const ideal = Math.max(...slots);
const bound = Math.max(work / (nodes * cpus), longest);
const result = {
  cells,
  slots: nodes * cpus,
  ...faults,
  restarts,
  lost,
  begunWhileAnotherHadIt: twice,
  begunAfterTheEnd: again,
  unitsOfWork: unitsNeeded,
  unitsDone,
  makespan: Number(seconds.toFixed(1)),
  bound: Number(bound.toFixed(1)),
  overBound: Number((seconds / bound).toFixed(3)),
  ...(!hasFaults && { ideal: Number(ideal.toFixed(1)), overIdeal: Number((seconds / ideal).toFixed(3)) }),
  lastCellEnded: Number((Math.max(...ended) - beganAt).toFixed(1)),
};
console.log(JSON.stringify(result, null, 2));
