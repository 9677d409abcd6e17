/**
 * How fast activations come from the worker, and how fast a pipe between two processes is. On a busy machine only the
 * processor time counts: bytes over that of both processes together are at most the rate of an idle machine.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { TorchReading, Worker } from "#internal/torch";
import { median } from "./measure.js";

const script = fileURLToPath(new URL("../bench/transport_worker.py", import.meta.url));

export interface Transport {
  readonly bytes: number;
  /** Bytes a second, medians; and the median of the pairs' ratios. */
  readonly ours: Taken;
  readonly floor: Taken;
  readonly ratio: Taken;
}

/** Seconds by the clock, and of the processor in both processes. */
interface Taken {
  readonly wall: number;
  readonly processor: number;
}

/** Both in turns, on texts × 512 tokens of a model of this shape whose layers compute nothing. */
export async function transport(python: string, repeats: number, shape: Shape): Promise<Transport> {
  const { layers, width, texts: count } = shape;
  const bytes = 4 * count * 512 * layers * width;
  const words = ["serve", String(layers), String(width)];
  let hear: (line: string) => void = () => undefined;
  const serving = new Promise<string>((resolve) => (hear = resolve));
  const command = { file: python, arguments: [script, ...words], title: script, isOwnChild: true };
  const worker = await Worker.start(command, { onLine: (line) => hear(line) });
  const pipe = spawn(python, [script, "floor", String(bytes)], { stdio: ["pipe", "pipe", "pipe"] });
  const piping = new Promise<string>((resolve) => createInterface(pipe.stderr).on("line", resolve));
  const reading = new TorchReading(worker, { layers, width, vocabSize: 16 }, 512);
  const texts = Array.from({ length: count }, () => Array.from({ length: 512 }, (_, i) => i % 16));
  const every = Array.from({ length: layers }, (_, layer) => layer);
  const target = new Uint8Array(bytes);
  const copied = async (): Promise<void> => {
    let at = 0;
    const done = new Promise<void>((resolve) => {
      const take = (chunk: Buffer): void => {
        target.set(chunk, at);
        at += chunk.length;
        if (at < bytes) return;
        pipe.stdout.off("data", take);
        resolve();
      };
      pipe.stdout.on("data", take);
    });
    pipe.stdin.write("again\n");
    await done;
  };
  try {
    const said = { ours: await serving, floor: await piping };
    const pairs: Record<"ours" | "floor", Taken>[] = [];
    for (let i = -1; i < repeats; i++) {
      const floor = await measured(said.floor, copied);
      const ours = await measured(said.ours, () => reading.activations(texts, every));
      if (i >= 0) pairs.push({ ours, floor });
    }
    const rate = (of: "ours" | "floor", kind: keyof Taken): number =>
      median(pairs.map((pair) => bytes / pair[of][kind]));
    const ratio = (kind: keyof Taken): number => median(pairs.map(({ ours, floor }) => floor[kind] / ours[kind]));
    return {
      bytes,
      ours: { wall: rate("ours", "wall"), processor: rate("ours", "processor") },
      floor: { wall: rate("floor", "wall"), processor: rate("floor", "processor") },
      ratio: { wall: ratio("wall"), processor: ratio("processor") },
    };
  } finally {
    await worker.close();
    pipe.stdin.end();
    await once(pipe, "close");
  }
}

interface Shape {
  readonly layers: number;
  readonly width: number;
  readonly texts: number;
}

async function measured(said: string, work: () => Promise<unknown>): Promise<Taken> {
  const other = said.replace("process ", "");
  const [began, here, there] = [performance.now(), process.cpuUsage(), processorOf(other)];
  await work();
  const own = process.cpuUsage(here);
  return {
    wall: (performance.now() - began) / 1000,
    processor: (own.user + own.system) / 1e6 + processorOf(other) - there,
  };
}

/** Seconds of another process, in ticks of 10 ms. */
function processorOf(id: string): number {
  const fields = readFileSync(`/proc/${id}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
