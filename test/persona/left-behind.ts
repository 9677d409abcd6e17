// What a piece of work leaves in a model's engine: programs that it compiled, tensors that it put there.
import type { LocalModel } from "#internal/model";
import { vi } from "vitest";

/** The engine does all that it is asked for; it is only listened to. */
export async function leftBehind({ engine }: LocalModel, work: () => Promise<unknown>): Promise<string[]> {
  const spies = {
    load: vi.spyOn(engine, "load"),
    release: vi.spyOn(engine, "release"),
    set: vi.spyOn(engine, "setState"),
    drop: vi.spyOn(engine, "dropState"),
  };
  try {
    await work();
    const { load, release, set, drop } = spies;
    const compiled = await Promise.all(load.mock.results.map(({ value }) => value as ReturnType<typeof engine.load>));
    const released = new Set(release.mock.calls.map(([program]) => program.id));
    const dropped = new Set(drop.mock.calls.flatMap(([names]) => names));
    return [
      ...compiled.filter(({ id }) => !released.has(id)).map(({ id }) => `program ${id}`),
      ...set.mock.calls.flatMap(([tensors]) => [...tensors].map(([name]) => name)).filter((name) => !dropped.has(name)),
    ];
  } finally {
    for (const spy of Object.values(spies)) spy.mockRestore();
  }
}
