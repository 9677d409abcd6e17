/** A world of the user's own files: conditions, benign data and questions behind the interface that the organism has. */
export { drawn, inTurns, labelOf, readDataFile, repeated, type DataFile } from "./data.js";
export { filesWorld, type FilesWorldParts } from "./world.js";
