/** Errors as OpenAI's API words them: a status, and a body that names the parameter at fault. */
import {
  ChatTemplateError,
  ControlTokenError,
  ModelFileError,
  TextLengthError,
  UnknownWordError,
} from "../onnx/index.js";
import { systemFailure } from "../store/index.js";

export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 500 | 503,
    message: string,
    readonly details: { readonly param?: string; readonly code?: string } = {},
  ) {
    super(message);
  }

  get body(): object {
    const { param = null, code = null } = this.details;
    return { error: { message: this.message, type: this.#type, param, code } };
  }

  get #type(): string {
    if (this.status >= 500) return "server_error";
    return this.status === 429 ? "rate_limit_error" : "invalid_request_error";
  }
}

/** What a client did wrong, where it is known to be the client; undefined for a fault of the server. */
export function asApiError(error: unknown, param = "messages"): ApiError | undefined {
  if (error instanceof ApiError) return error;
  if (error instanceof UnknownWordError) return new ApiError(400, error.message, { param, code: "unknown_word" });
  if (error instanceof TextLengthError)
    return new ApiError(400, error.message, { param, code: "context_length_exceeded" });
  if (error instanceof ChatTemplateError || error instanceof ControlTokenError)
    return new ApiError(400, error.message, { param, code: "invalid_messages" });
  if (error instanceof ModelFileError)
    return new ApiError(503, "The model's files are damaged; the server's log says more.", { code: "model_damaged" });
  const refusal = systemFailure(error);
  return refusal === undefined
    ? undefined
    : new ApiError(503, `The server cannot use its folder: ${refusal}.`, { code: "storage_failed" });
}

export const modelNotFound = (model: string): ApiError =>
  new ApiError(404, `The model ${quoted(model)} does not exist here. GET /v1/models lists those that do.`, {
    param: "model",
    code: "model_not_found",
  });

/** Text of a client in a message: not too long, and in quotes. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 99)}…` : text);
}
