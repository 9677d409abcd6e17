/** The REST interface of Ray's jobs, as far as it is used; what it replies is checked, for it may be any server. */
import { request as overTcp } from "node:http";
import { request as overTls } from "node:https";
import { z } from "zod";
import { codeOf } from "../../store/index.js";
import { printable } from "../../text/index.js";
import { ExecutorError } from "../error.js";

const SECONDS = 60;
const MOST_BYTES = 256 * 1024 * 1024;

const job = z.looseObject({
  submission_id: z.string().nullish(),
  status: z.string(),
  message: z.string().nullish(),
});
export type RayJob = z.infer<typeof job>;

export class RayRest {
  constructor(readonly address: string) {}

  async version(): Promise<string> {
    return (await this.#json("GET", "/api/version", z.looseObject({ ray_version: z.string() }))).ray_version;
  }

  async submit(request: object): Promise<string> {
    const said = z.looseObject({ submission_id: z.string() });
    return (await this.#json("POST", "/api/jobs/", said, request)).submission_id;
  }

  /** All jobs that the cluster knows of. */
  jobs(): Promise<RayJob[]> {
    return this.#json("GET", "/api/jobs/", z.array(job));
  }

  /** Empty where there is no such job, or it has not begun. */
  async logs(id: string): Promise<string> {
    const path = `/api/jobs/${encodeURIComponent(id)}/logs`;
    const { status, text } = await this.#ask("GET", path);
    if (status === 404 || status >= 500) return "";
    return this.#read(path, text, z.looseObject({ logs: z.string().nullish() })).logs ?? "";
  }

  /** A job that has ended, or is not known any more, is as good as stopped. */
  async stop(id: string): Promise<void> {
    const { status, text } = await this.#ask("POST", `/api/jobs/${encodeURIComponent(id)}/stop`);
    if (status !== 404 && status >= 400) throw this.#refused("stop", status, text);
  }

  async #json<T>(method: string, path: string, schema: z.ZodType<T>, body?: object): Promise<T> {
    const { status, text } = await this.#ask(method, path, body);
    if (status >= 400) throw this.#refused(`${method} ${path}`, status, text);
    return this.#read(path, text, schema);
  }

  #read<T>(path: string, text: string, schema: z.ZodType<T>): T {
    const found = schema.safeParse(parsed(text));
    if (found.success) return found.data;
    const shown = JSON.stringify(text.slice(0, 80));
    throw new ExecutorError(`ray: ${this.address}${path}: expected a reply of Ray's dashboard, found ${shown}.`, {
      hint: "Is it the address of the dashboard, port 8265 unless it was chosen?",
    });
  }

  async #ask(method: string, path: string, body?: object): Promise<Reply> {
    try {
      return await ask(this.address + path, method, body === undefined ? undefined : JSON.stringify(body));
    } catch (error) {
      const said = error instanceof Error ? error.message || (codeOf(error) ?? error.name) : String(error);
      throw new ExecutorError(`ray: expected Ray's dashboard at ${this.address}, got no reply: ${printable(said)}`, {
        hint: "Start a cluster with `ray start --head`, or name its dashboard with address under ray: in the study's file.",
      });
    }
  }

  #refused(what: string, status: number, text: string): ExecutorError {
    // Ray replies with a traceback of Python's; its last line says what is wrong.
    const line = text.trim().split("\n").at(-1) ?? "";
    return new ExecutorError(`ray: ${this.address} refused ${what} (${status}): ${printable(line.slice(0, 500))}`);
  }
}

interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Not by fetch: Node's has a header of browsers (sec-fetch-mode), and Ray refuses to change anything for browsers. */
function ask(address: string, method: string, body: string | undefined): Promise<Reply> {
  const token = process.env["RAY_AUTH_TOKEN"];
  const headers = {
    ...(body !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
    ...(token !== undefined && token !== "" && { authorization: `Bearer ${token}` }),
  };
  const request = address.startsWith("https:") ? overTls : overTcp;
  return new Promise((resolve, reject) => {
    const asked = request(address, { method, headers, signal: AbortSignal.timeout(SECONDS * 1000) }, (reply) => {
      const parts: Buffer[] = [];
      let size = 0;
      reply.on("data", (part: Buffer) => {
        size += part.length;
        if (size > MOST_BYTES) asked.destroy(new Error(`the reply is larger than ${MOST_BYTES} bytes`));
        else parts.push(part);
      });
      reply.on("error", reject);
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }));
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
