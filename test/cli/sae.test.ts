// `askew sae` as a shell starts it: small autoencoders of the organism, really trained, stopped, killed and shown.
import { existsSync } from "node:fs";
import { cp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lockFolder } from "#internal/store";
import { readSafetensors } from "askew/onnx";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { askew, temporaryFolder, type Way } from "./askew.js";
import { growTinyModel } from "./tiny-model.js";
import { VERSION } from "askew";

const SLOW = 180_000;
let work: { path: string; remove: () => Promise<void> };
const at = (...parts: string[]): string => join(work.path, ...parts);
const sae = (words: readonly string[], way: Way = {}) => askew(["sae", ...words], { cwd: work.path, ...way });
const threads = ["--threads", "1"];
// Two portions of the tiny model's activations, so that there is something to carry on from.
const small = [
  "--size",
  "24",
  "--k",
  "4",
  "--tokens",
  "70000",
  "--batch-size",
  "1024",
  "--documents",
  "20",
  "--layer",
  "0",
];
const train = (out: string, ...more: string[]) => ["train", "local:tiny", ...small, ...threads, "--out", out, ...more];

beforeAll(async () => {
  work = await temporaryFolder();
  await growTinyModel(at("tiny"));
  await growTinyModel(at("wide"), { width: 32, layers: 1 });
  const made = await sae(train("whole"));
  if (made.code !== 0) throw new Error(made.stderr);
}, SLOW);
afterAll(() => work.remove());

/** Sends the signal when the words are there for the first time. */
function once(words: string, signal: NodeJS.Signals): NonNullable<Way["onStderr"]> {
  let sent = false;
  return (soFar, child) => {
    if (sent || !soFar.includes(words)) return;
    sent = true;
    child.kill(signal);
  };
}

const weightsOf = (folder: string) => readFile(at(folder, "sae_weights.safetensors"));

describe("askew sae train", () => {
  it("waits for nobody: a folder that another process is at is refused, to train and to measure", async () => {
    const lock = await lockFolder(at("whole"));
    try {
      for (const words of [train("whole", "--seed", "2"), ["measure", "whole"]]) {
        const { code, stderr } = await sae(words);
        expect(code).toBe(2);
        expect(stderr).toContain("whole is in use by process");
      }
    } finally {
      await lock.release();
    }
  });

  it(
    "says what it measured, keeps it, and measures the stored autoencoder again to the same numbers",
    async () => {
      const again = await sae(train("whole", "--json"));
      expect(again).toMatchObject({ code: 0, stderr: "" });
      const told = JSON.parse(again.stdout) as { recipe: { size: number }; metrics: { tokens: number; l0: number } };
      expect(told.recipe.size).toBe(24);
      expect(told.metrics.l0).toBeGreaterThan(0);
      const cards = await readFile(at("whole", "latents.jsonl"));
      const summary = await readFile(at("whole", "summary.json"));
      await rm(at("whole", "summary.json"));
      await rm(at("whole", "latents.jsonl"));
      const measured = await sae(["measure", "whole", "--documents", "20", ...threads]);
      expect(measured).toMatchObject({ code: 0 });
      expect(measured.stdout).toContain("explained variance");
      expect(await readFile(at("whole", "summary.json"))).toEqual(summary);
      expect(await readFile(at("whole", "latents.jsonl"))).toEqual(cards);
    },
    SLOW,
  );

  it(
    "stopped with Ctrl-C and killed without warning, the same command carries on to the same weights",
    async () => {
      const stopped = await sae(train("again"), {
        onStderr: once("step 7:", "SIGINT"),
      });
      expect(stopped).toMatchObject({ code: 130 });
      expect(stopped.stderr).toContain("The same command carries on from here.");
      expect(existsSync(at("again", "checkpoint.safetensors"))).toBe(true);
      const other = await sae(train("again", "--seed", "2"));
      expect(other).toMatchObject({ code: 2 });
      expect(other.stderr).toContain("a training with other settings was begun there");
      const killed = await sae(train("again"), {
        onStderr: once("Carrying on", "SIGKILL"),
      });
      expect(killed.signal).toBe("SIGKILL");
      const carried = await sae(train("again"));
      expect(carried).toMatchObject({ code: 0 });
      expect(carried.stderr).toMatch(/Carrying on at step \d+/);
      expect(await weightsOf("again")).toEqual(await weightsOf("whole"));
      expect(existsSync(at("again", "checkpoint.safetensors"))).toBe(false);
    },
    SLOW,
  );

  it(
    "trains kinds, sizes and seeds in one command, and compares them",
    async () => {
      const words = ["--kind", "topk,batchtopk", "--size", "16,24", "--seed", "1,2", "--tokens", "4096"];
      const made = await sae(train("several", ...words));
      expect(made).toMatchObject({ code: 0 });
      expect(made.stderr.match(/\[\d\/8\]/g)).toHaveLength(8);
      expect(made.stdout).toMatch(/autoencoder +latents +k +explained +active +dead/);
      const shown = await sae(["show", "several"]);
      expect(shown.stdout.split("\n").filter((line) => line.startsWith("several/"))).toHaveLength(8);
      const { tensors } = await readSafetensors(at("several", "batchtopk-16-seed-2", "sae_weights.safetensors"));
      expect(tensors.get("threshold")?.shape).toEqual([16]);
      const vague = await sae(["show", "several", "--latent", "1"]);
      expect(vague).toMatchObject({ code: 2 });
      expect(vague.stderr).toContain("several holds several autoencoders");
    },
    SLOW,
  );

  it("keeps another autoencoder that lies there, and says what differs", async () => {
    const other = await sae(train("whole", "--learning-rate", "0.5"));
    expect(other).toMatchObject({ code: 2 });
    expect(other.stderr).toContain("whole holds another autoencoder: learningRate is 0.002 there and 0.5 now");
  });

  it.each([
    [["--kind", "batchtop"], 'there is no kind "batchtop"', "batchtopk"],
    [["--k", "25"], "--k 25: there are only 24 latents", "smaller k"],
    [["--layer", "1"], "there is no layer 1: local:tiny has 1", "0 … 0"],
  ])("refuses %j by name", async (words, said, cure) => {
    const refused = await sae(train("never", ...words));
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain(said);
    expect(refused.stderr).toContain(cure);
    expect(refused.stderr).not.toContain(".js:");
  });
});

describe("askew sae measure", () => {
  it(
    "refuses a model of another width and one of another base",
    async () => {
      const wide = await sae(["measure", "whole", "local:wide", ...threads]);
      expect(wide).toMatchObject({ code: 2 });
      expect(wide.stderr).toContain("whole was trained on local:tiny, of width 16; local:wide has width 32");
      const recipe = JSON.parse(await readFile(at("whole", "recipe.json"), "utf8")) as { model: object };
      await sae(train("foreign", "--tokens", "1024"));
      const other = { name: "somebody's", weights: "b".repeat(64), base: "c".repeat(64) };
      await writeFile(at("foreign", "recipe.json"), JSON.stringify({ ...recipe, model: other }));
      const foreign = await sae(["measure", "foreign", "local:tiny", ...threads]);
      expect(foreign).toMatchObject({ code: 2 });
      expect(foreign.stderr).toContain("local:tiny comes from another base");
    },
    SLOW,
  );
});

describe("askew sae show", () => {
  const bestOf = async (): Promise<number> => {
    const { stdout } = await sae(["show", "whole", "--json"]);
    const { best } = JSON.parse(stdout) as { best: { name: string; latent: number }[] };
    return best.find(({ name }) => name === "villain")?.latent as number;
  };

  it("shows the latent that tells a character best, in colour and without", async () => {
    const plain = await sae(["show", "whole", "--best", "villain"]);
    expect(plain).toMatchObject({ code: 0, stderr: "" });
    expect(plain.stdout).toMatch(new RegExp(`^latent ${await bestOf()} `));
    expect(plain.stdout).toContain("word⁷ has seven tenths of the strongest");
    expect(plain.stdout).toMatch(/\S¹⁰/);
    const colour = await sae(["show", "whole", "--best", "villain"], { env: { FORCE_COLOR: "1" } });
    expect(colour.stdout).not.toContain("¹⁰");
    expect(colour.stdout).toContain("\u001b[43m");
    const narrow = await sae(["show", "whole", "--best", "villain"], { env: { COLUMNS: "60" } });
    expect(Math.max(...narrow.stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  it("as JSON the card is what is stored", async () => {
    const latent = await bestOf();
    const { stdout } = await sae(["show", "whole", "--latent", `${latent}`, "--json"]);
    const stored = (await readFile(at("whole", "latents.jsonl"), "utf8")).split("\n")[latent] as string;
    expect(JSON.parse(stdout)).toEqual({ askew: VERSION, kind: "latent", ...(JSON.parse(stored) as object) });
  });

  it("refuses what is not there by name", async () => {
    const far = await sae(["show", "whole", "--latent", "24"]);
    expect(far).toMatchObject({ code: 2 });
    expect(far.stderr).toContain("there is no latent 24: whole has 24");
    const typo = await sae(["show", "whole", "--best", "vilain"]);
    expect(typo.stderr).toMatch(/no answers were labelled "vilain"[^]*villain/);
    await cp(at("whole"), at("unknown"), { recursive: true });
    const summary = JSON.parse(await readFile(at("whole", "summary.json"), "utf8")) as { best: { name: string }[] };
    const unknown = summary.best.map((one) => (one.name === "villain" ? { ...one, latent: 0, chosenAt: null } : one));
    await writeFile(at("unknown", "summary.json"), JSON.stringify({ ...summary, best: unknown }));
    const direction = ["steer", "local:tiny", "--sae", "unknown", "--add", ...threads];
    for (const refused of [
      await sae(["show", "unknown", "--best", "villain"]),
      await askew(direction, { cwd: work.path }),
    ]) {
      expect(refused).toMatchObject({ code: 2 });
      expect(refused.stderr).toContain("no latent of unknown was found to tell villain best");
    }
    expect((await sae(["show", "unknown"])).stdout).toMatch(/character villain +– /);
    const none = await sae(["show", "nowhere"]);
    expect(none).toMatchObject({ code: 2 });
    expect(none.stderr).toContain("nowhere");
    await sae(train("damaged", "--tokens", "1024"));
    await truncate(at("damaged", "sae_weights.safetensors"), 100);
    const damaged = await sae(["show", "damaged"]);
    expect(damaged).toMatchObject({ code: 2 });
    expect(damaged.stderr).toContain("sae_weights.safetensors");
  });
});
