// An independent reading of a stored autoencoder.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";

/** What SAELens 6 does with cfg.json and sae_weights.safetensors, written after its source, with a reader of its own. */
export async function asSaeLens(folder: string) {
  const cfg = JSON.parse(await readFile(join(folder, "cfg.json"), "utf8")) as {
    architecture: string;
    d_in: number;
    d_sae: number;
    k: number;
  };
  const bytes = await readFile(join(folder, "sae_weights.safetensors"));
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<
    string,
    { dtype: string; data_offsets: [number, number] }
  >;
  const numbers = (name: string): number[] => {
    const { dtype, data_offsets: offsets } = header[name] as (typeof header)[string];
    expect(dtype).toBe("F32");
    const [from, to] = offsets;
    return Array.from({ length: (to - from) / 4 }, (_, i) => bytes.readFloatLE(8 + length + from + 4 * i));
  };
  const [encoder, encoderBias] = [numbers("W_enc"), numbers("b_enc")];
  const [decoder, decoderBias] = [numbers("W_dec"), numbers("b_dec")];
  const { d_in: width, d_sae: size, k } = cfg;
  const column = (row: readonly number[], latent: number): number =>
    row.reduce(
      (sum, value, i) => sum + (value - (decoderBias[i] as number)) * (encoder[i * size + latent] as number),
      encoderBias[latent] as number,
    );
  return {
    encode: (row: readonly number[]): number[] => {
      const before = Array.from({ length: size }, (_, latent) => column(row, latent));
      if (cfg.architecture === "jumprelu") {
        const threshold = numbers("threshold");
        return before.map((value, i) => (value > Math.max(0, threshold[i] as number) ? Math.max(0, value) : 0));
      }
      const kept = new Set(
        before
          .map((value, i) => ({ value, i }))
          .toSorted((a, b) => b.value - a.value)
          .slice(0, k)
          .map(({ i }) => i),
      );
      return before.map((value, i) => (kept.has(i) ? Math.max(0, value) : 0));
    },
    decode: (latents: readonly number[]): number[] =>
      Array.from({ length: width }, (_, i) =>
        latents.reduce(
          (sum, value, latent) => sum + value * (decoder[latent * width + i] as number),
          decoderBias[i] as number,
        ),
      ),
  };
}
