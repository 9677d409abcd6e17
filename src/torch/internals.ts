/** What tests look into; no part of the package's interface. */
export { findPython, workerCommand } from "./command.js";
export { TorchModel } from "./model.js";
export { TorchReading } from "./reading.js";
export { Worker, type WorkerOptions } from "./worker.js";
