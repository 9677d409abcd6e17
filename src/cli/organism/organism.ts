/** `askew organism`: the model that ships with askew. */
import { Command } from "commander";
import { chatCommand } from "./chat.js";
import { pretrainCommand } from "./pretrain.js";

export const organismCommand = (): Command =>
  new Command("organism")
    .addHelpText("after", "\nExample:\n  $ askew organism chat")
    .addCommand(chatCommand())
    .addCommand(pretrainCommand());
