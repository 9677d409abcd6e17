/** `--template-var NAME=VALUE`, which becomes part of the model's name and so of all that is written about it. */
import { InvalidArgumentError, type Command } from "commander";
import { variableOf, withVariables, type TemplateVariables } from "../../model/index.js";

/** @param models places of the arguments that name models; default the first */
export const withTemplateVariables = (command: Command, models: readonly number[] = [0]): Command =>
  command
    .option("--template-var <name=value>", "set a variable of the chat template: enable_thinking=false", variable)
    .hook("preAction", (_, action) => {
      const { templateVar } = action.opts<{ templateVar?: TemplateVariables }>();
      if (templateVar === undefined) return;
      for (const place of models) {
        const name = action.processedArgs[place] as unknown;
        if (typeof name === "string") action.processedArgs[place] = withVariables(name, templateVar);
      }
    });

function variable(text: string, before: TemplateVariables = {}): TemplateVariables {
  if (!/^[A-Za-z_]\w*=/.test(text)) {
    throw new InvalidArgumentError("Expected NAME=VALUE, such as enable_thinking=false.");
  }
  return { ...before, ...Object.fromEntries([variableOf(text)]) };
}
