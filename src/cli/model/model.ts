/** `askew model`: files and folders of weights. */
import { Command } from "commander";
import { exportCommand } from "./export.js";
import { infoCommand } from "./info.js";

export const modelCommand = (): Command =>
  new Command("model")
    .addHelpText("after", "\nExample:\n  $ askew model info SmolLM2-135M-Instruct.Q4_1.gguf")
    .addCommand(infoCommand())
    .addCommand(exportCommand());
