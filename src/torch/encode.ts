/** What calls of the worker have in common: texts as token ids, and steering. */
import type { EncodedText, Intervention } from "../capabilities/index.js";
import type { Header } from "./frames.js";
import type { SentTensors } from "./payload.js";

/** Several texts as two tensors: their ids, one after the other, and how many each has. */
export function textTensors(name: string, texts: readonly (readonly number[])[]): SentTensors {
  const lengths = Int32Array.from(texts, ({ length }) => length);
  const ids = Int32Array.from(texts.flat());
  return {
    [`${name}.ids`]: { shape: [ids.length], data: ids },
    [`${name}.lengths`]: { shape: [lengths.length], data: lengths },
  };
}

/** The same with, for every token, whether the assistant says it. */
export function encodedTensors(name: string, rows: readonly EncodedText[]): SentTensors {
  const answered = Uint8Array.from(rows.flatMap(({ answer }) => answer.map(Number)));
  return {
    ...textTensors(
      name,
      rows.map(({ ids }) => ids),
    ),
    [`${name}.answered`]: { shape: [answered.length], data: answered },
  };
}

export const vector = (data: Float32Array): { readonly shape: readonly number[]; readonly data: Float32Array } => ({
  shape: [data.length],
  data,
});

/** Interventions, checked before; header and tensors go into the call. */
export function encodeSteering(steering: readonly Intervention[]): {
  readonly header: { readonly steering: readonly Header[] };
  readonly tensors: SentTensors;
} {
  const tensors: Record<string, SentTensors[string]> = {};
  const listed = steering.map((one, i) => {
    const { layer, add, addEach, projectOut, to = 0, share = 1, capped = false, tokens = "all" } = one;
    if (add) tensors[`steer.${i}.add`] = vector(add);
    if (projectOut) tensors[`steer.${i}.direction`] = vector(projectOut);
    const width = addEach?.[0]?.length;
    if (addEach && width !== undefined) {
      const all = new Float32Array(addEach.length * width);
      addEach.forEach((own, text) => all.set(own, text * width));
      tensors[`steer.${i}.addEach`] = { shape: [addEach.length, width], data: all };
    }
    return { layer, to, share, capped, answersOnly: tokens === "answer" };
  });
  return { header: { steering: listed }, tensors };
}
