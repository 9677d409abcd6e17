/** Parts of a long piece of work, kept in a folder until the whole of it is done. */
import type { Once } from "../persona/index.js";
import { Series } from "../run/index.js";

interface Part {
  readonly id: string;
  readonly value: unknown;
}

/**
 * Does `work`, whose parts are kept in `folder` by the `once` it is given: stopped or killed, the same call carries on
 * after the last part. They are gone when the work is done.
 * @param plan everything that the parts depend on
 * @throws {StudyError} where the folder has parts of another plan, or another process is at them
 */
export async function inParts<T>(folder: string, plan: object, work: (once: Once) => Promise<T>): Promise<T> {
  const series = await Series.open<Part>(folder, plan);
  let done: T;
  try {
    done = await work(async <V>(id: string, make: () => Promise<V>): Promise<V> => {
      const known = series.find(id);
      if (known !== undefined) return known.value as V;
      const value = await make();
      await series.append({ id, value });
      return value;
    });
  } finally {
    await series.close();
    // What failed before its first part was done leaves nothing that another attempt would stumble over.
    if (series.rows.length === 0) await series.remove();
  }
  await series.remove();
  return done;
}
