/** Pieces that tests look into; no part of the package's interface. */
export { readDocuments } from "./sae/documents.js";
export { textPieces } from "./sae/text-pieces.js";
