/** What the engine and its worker thread say to each other. */
import type { Signature } from "./serialize.js";

export type TensorData = Float32Array | Int32Array;
/** A Uint16Array has the bits of float16. */
export type StateData = TensorData | Uint16Array;

export interface StateEntry {
  readonly name: string;
  readonly data: StateData;
  readonly shape: readonly number[];
}

/** A row of one state tensor, and the row of another or the same that is written over with it. */
export interface RowCopy {
  readonly from: number;
  readonly to: number;
}

/** Of state tensors [rows, groups, positions, width] that rows are copied between. */
export interface CacheLayout {
  readonly groups: number;
  readonly width: number;
  /** Positions of what is copied from, and to. */
  readonly from: number;
  readonly to: number;
}

export interface CacheCopies {
  /** From which state tensor to which. */
  readonly names: readonly (readonly [from: string, to: string])[];
  readonly layout: CacheLayout;
  /** The least that the second of each has afterwards. */
  readonly rows: number;
  readonly copies: readonly RowCopy[];
}

export interface LoadOptions {
  readonly keepMemory: boolean;
  /** Equal nodes are all computed. */
  readonly repeats: boolean;
  readonly threads: number;
}

export type Request =
  | ({ id: number; kind: "load"; program: number; model: Uint8Array; signature: Signature } & LoadOptions)
  | { id: number; kind: "run"; program: number; feeds: Readonly<Record<string, TensorData>> }
  | { id: number; kind: "setState"; entry: StateEntry }
  | { id: number; kind: "getState"; names: readonly string[] }
  | ({ id: number; kind: "copyRows" } & CacheCopies)
  | { id: number; kind: "dropState"; names: readonly string[] }
  | { id: number; kind: "release"; program: number }
  | { id: number; kind: "close" };

export type Reply = { id: number } & (
  | { tensors: Record<string, TensorData> }
  | { state: Record<string, StateData> }
  | { error: string }
  | { done: true }
);
