/** What workers say on stderr, in a file: libraries' warnings and whole tracebacks. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { LineLog } from "../store/index.js";
import { torchHome } from "./command.js";

/** Bytes of a log that is begun anew. */
const LARGEST = 10 * 2 ** 20;

export class TorchLog {
  private constructor(private readonly log: LineLog) {}

  /** ASKEW_TORCH_LOG, or a file where `askew torch setup` has made a place; undefined where there is neither. */
  static async open(): Promise<TorchLog | undefined> {
    const named = process.env["ASKEW_TORCH_LOG"];
    const path = named || (existsSync(torchHome()) ? join(torchHome(), "worker.log") : undefined);
    return path === undefined ? undefined : new TorchLog(await LineLog.open(path, LARGEST));
  }

  append(line: string): void {
    this.log.append(`${new Date().toISOString()} ${process.pid} ${line}`);
  }
}
