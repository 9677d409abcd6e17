/** The models a server offers. */
import { z } from "zod";
import { SIDE_QUESTION, type Connection } from "./connection.js";

export interface ServedModel {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created?: number | undefined;
  readonly ownedBy?: string | undefined;
}

const modelsSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      created: z.number().optional().catch(undefined),
      owned_by: z.string().optional().catch(undefined),
    }),
  ),
});

export async function listModels(connection: Connection, signal?: AbortSignal): Promise<ServedModel[]> {
  const call = { method: "GET", path: "/models", signal, aside: true, deadline: SIDE_QUESTION } as const;
  const { data } = await connection.json(call, "a list of models", modelsSchema);
  return data.map(({ id, created, owned_by: ownedBy }) => ({ id, created, ownedBy }));
}
