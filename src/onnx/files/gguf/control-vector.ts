/**
 * One vector for each layer as a GGUF control vector, as llama.cpp and repeng have it: what `direction.N` holds is added
 * to what layer N writes. llama.cpp numbers layers from 0 and has no vector for layer 0.
 */
import type { TransformerConfig } from "../../architectures/index.js";
import { ggufArchitecture } from "./config-write.js";
import { writeGguf } from "./file-write.js";
import { MetadataWriter } from "./header-write.js";

export interface ControlVector {
  readonly config: Pick<TransformerConfig, "modelType" | "width">;
  /** By layer, from 1; each [width]. */
  readonly vectors: ReadonlyMap<number, Float32Array>;
  /** Named in errors. */
  readonly file: string;
}

/** @param path a new file */
export async function writeControlVector(path: string, { config, vectors, file }: ControlVector): Promise<void> {
  const wrong = [...vectors].find(([layer, { length }]) => layer < 1 || length !== config.width);
  if (wrong !== undefined || vectors.size === 0) {
    throw new RangeError(
      `writeControlVector: expected vectors of width ${config.width} from layer 1 on, found ${wrong ? `${wrong[1].length} at layer ${wrong[0]}` : "none"}`,
    );
  }
  const metadata = new MetadataWriter(file);
  metadata.text("general.architecture", "controlvector");
  metadata.text("controlvector.model_hint", ggufArchitecture(config.modelType));
  metadata.u32("controlvector.layer_count", vectors.size);
  const sources = [...vectors].map(([layer, data]) => {
    const shape = [data.length];
    return { name: `direction.${layer}`, shape, kind: "F32" as const, read: () => ({ shape, data }) };
  });
  await writeGguf(path, metadata, sources);
}
