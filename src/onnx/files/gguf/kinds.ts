/** Number formats of GGUF tensors, by ggml's numbers. */

export interface TensorKind {
  readonly name: string;
  /** Elements that are packed together, and the bytes they take. */
  readonly block: number;
  readonly bytes: number;
}

const SUPER = 256;

/** Those that askew unpacks. */
export const KINDS: ReadonlyMap<number, TensorKind> = new Map([
  [0, { name: "F32", block: 1, bytes: 4 }],
  [1, { name: "F16", block: 1, bytes: 2 }],
  [2, { name: "Q4_0", block: 32, bytes: 18 }],
  [3, { name: "Q4_1", block: 32, bytes: 20 }],
  [6, { name: "Q5_0", block: 32, bytes: 22 }],
  [7, { name: "Q5_1", block: 32, bytes: 24 }],
  [8, { name: "Q8_0", block: 32, bytes: 34 }],
  [10, { name: "Q2_K", block: SUPER, bytes: 84 }],
  [11, { name: "Q3_K", block: SUPER, bytes: 110 }],
  [12, { name: "Q4_K", block: SUPER, bytes: 144 }],
  [13, { name: "Q5_K", block: SUPER, bytes: 176 }],
  [14, { name: "Q6_K", block: SUPER, bytes: 210 }],
  [30, { name: "BF16", block: 1, bytes: 2 }],
]);

const OTHERS: Readonly<Record<number, string>> = {
  9: "Q8_1",
  15: "Q8_K",
  16: "IQ2_XXS",
  17: "IQ2_XS",
  18: "IQ3_XXS",
  19: "IQ1_S",
  20: "IQ4_NL",
  21: "IQ3_S",
  22: "IQ2_S",
  23: "IQ4_XS",
  24: "I8",
  25: "I16",
  26: "I32",
  27: "I64",
  28: "F64",
  29: "IQ1_M",
  34: "TQ1_0",
  35: "TQ2_0",
  39: "MXFP4",
  40: "NVFP4",
  41: "Q1_0",
};

export const kindName = (kind: number): string => KINDS.get(kind)?.name ?? OTHERS[kind] ?? `kind ${kind}`;
export const kindNames = (): string => [...KINDS.values()].map(({ name }) => name).join(", ");
