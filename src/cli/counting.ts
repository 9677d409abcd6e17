/** Work whose parts are counted below what it says. */
import { CountProgress } from "../terminal/index.js";

export async function counting<T>(things: string, work: (progress: CountProgress) => Promise<T>): Promise<T> {
  const progress = new CountProgress(process.stderr, things, () => undefined);
  try {
    return await work(progress);
  } finally {
    progress.close();
  }
}
