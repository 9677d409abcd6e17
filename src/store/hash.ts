/** SHA-256, of texts, of files of any size, and of what comes in pieces. */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { storing } from "./system-error.js";

/** For what comes in pieces. */
export const startSha256 = (): Hash => createHash("sha256");

export const sha256 = (data: string | Uint8Array, encoding: "hex" | "base64" = "hex"): string =>
  startSha256().update(data).digest(encoding);

/** Of a file's bytes, in hexadecimal; a file of any size. */
export async function fileSha256(path: string): Promise<string> {
  const hash = startSha256();
  await storing(path, () => pipeline(createReadStream(path), hash));
  return hash.digest("hex");
}

/** Names a folder after the plan of what is in it: 8 hexadecimal digits. */
export const planKey = (plan: object): string => sha256(JSON.stringify(plan)).slice(0, 8);
