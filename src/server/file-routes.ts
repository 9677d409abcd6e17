/** `/v1/files`. */
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { Hono } from "hono";
import { ApiError } from "./api-error.js";
import type { FileStore } from "./file-store.js";
import { listPage } from "./list-page.js";
import { receiveForm } from "./receive-form.js";

const LARGEST_FILE = 128 * 2 ** 20;
const PURPOSES = ["fine-tune", "user_data", "batch", "evals", "assistants", "vision"];

export function fileRoutes(files: FileStore): Hono {
  const routes = new Hono();
  routes.post("/", async (context) => {
    const type = context.req.header("content-type") ?? "";
    if (!type.startsWith("multipart/form-data"))
      throw new ApiError(415, "A file is uploaded as multipart/form-data, with the fields file and purpose.");
    const { upload, filename, fields } = await receiveForm(
      context.req.raw.body as ReadableStream<Uint8Array> | null,
      type,
      files,
      LARGEST_FILE,
    );
    if (upload === undefined) throw new ApiError(400, "Missing the file in the field 'file'.", { param: "file" });
    const purpose = fields.get("purpose");
    if (purpose === undefined || !PURPOSES.includes(purpose)) {
      await upload.discard();
      throw new ApiError(400, `Invalid value for 'purpose': expected one of ${PURPOSES.join(", ")}.`, {
        param: "purpose",
      });
    }
    return context.json(await upload.keep(filename, purpose));
  });
  routes.get("/", (context) =>
    context.json(listPage(context, files.list(context.req.query("purpose")), { most: 10_000, usual: 10_000 })),
  );
  routes.get("/:id", (context) => context.json(files.get(context.req.param("id"))));
  routes.get("/:id/content", (context) => {
    const content = Readable.from(files.content(context.req.param("id")));
    return context.body(Readable.toWeb(content) as globalThis.ReadableStream, 200, {
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
