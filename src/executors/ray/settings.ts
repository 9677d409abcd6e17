/** What a study says of its jobs on Ray. */
export interface RaySettings {
  /** Of the dashboard. */
  readonly address?: string;
  readonly gpus?: number;
  /** Default 1: a job that asks for nothing runs on the head node, however many there are. */
  readonly cpus?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly resources?: Readonly<Record<string, number>>;
  readonly runtimeEnv?: Readonly<Record<string, unknown>>;
  /** The command on the cluster's machines, where it is not the one here. */
  readonly askew?: readonly string[];
}

const USUAL_ADDRESS = "http://127.0.0.1:8265";

/** Where Ray's own tools look for the dashboard. */
export const rayAddress = (said?: string): string =>
  (said ?? (process.env["RAY_API_SERVER_ADDRESS"] || USUAL_ADDRESS)).replace(/\/+$/, "");

/** Whether an address that stands in a folder may be asked: the folder may be somebody else's. */
export function isTrustedAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { hostname } = new URL(address);
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname) || address === rayAddress();
}
