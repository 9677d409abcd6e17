/** A diff that cannot be made of these models and texts. */
export class DiffError extends Error {
  override readonly name = "DiffError";
}
