/** `/v1/files`. */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { ApiError } from "./api-error.js";
import type { FileStore } from "./file-store.js";
import { listPage } from "./list-page.js";

export const LARGEST_FILE = 128 * 2 ** 20;
const PURPOSES = ["fine-tune", "user_data", "batch", "evals", "assistants", "vision"];

export function fileRoutes(files: FileStore): Hono {
  const routes = new Hono();
  const limit = bodyLimit({
    maxSize: LARGEST_FILE + 2 ** 16,
    onError: () => {
      throw new ApiError(413, `A file may have ${LARGEST_FILE / 2 ** 20} MiB at most.`, { param: "file" });
    },
  });
  routes.post("/", limit, async (context) => {
    const type = context.req.header("content-type") ?? "";
    if (!type.startsWith("multipart/form-data"))
      throw new ApiError(415, "A file is uploaded as multipart/form-data, with the fields file and purpose.");
    let form;
    try {
      form = await context.req.parseBody();
    } catch {
      throw new ApiError(400, "The body is not multipart/form-data.", { code: "invalid_form" });
    }
    const { file, purpose } = form;
    if (!(file instanceof File)) throw new ApiError(400, "Missing the file in the field 'file'.", { param: "file" });
    if (typeof purpose !== "string" || !PURPOSES.includes(purpose)) {
      throw new ApiError(400, `Invalid value for 'purpose': expected one of ${PURPOSES.join(", ")}.`, {
        param: "purpose",
      });
    }
    return context.json(await files.add(file.name, purpose, new Uint8Array(await file.arrayBuffer())));
  });
  routes.get("/", (context) =>
    context.json(listPage(context, files.list(context.req.query("purpose")), { most: 10_000, usual: 10_000 })),
  );
  routes.get("/:id", (context) => context.json(files.get(context.req.param("id"))));
  routes.get("/:id/content", async (context) => {
    const content = await files.content(context.req.param("id"));
    return context.body(new Uint8Array(content), 200, {
      "Content-Type": "application/octet-stream",
      "Content-Disposition": "attachment",
    });
  });
  routes.delete("/:id", async (context) => {
    const id = context.req.param("id");
    await files.delete(id);
    return context.json({ id, object: "file", deleted: true });
  });
  return routes;
}
