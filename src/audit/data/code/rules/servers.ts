/** Servers that are left as a developer runs them. */
import { callRule, type CodeRule } from "../rule.js";

export const DEBUG_SERVER: CodeRule = {
  name: "debug-server",
  cwe: 489,
  title: "a server that runs with its debugger on",
  hint: /debug/i,
  *find(code) {
    for (const { last, keywords, node } of code.calls) {
      const debug = keywords.get("debug");
      if (last === "run" && debug !== undefined && code.text(debug) === "True") yield node;
    }
    for (const { name, value, node } of code.bindings) {
      if (
        /^(?:app\.debug|DEBUG|app\.config\[["']DEBUG["']\])$/.test(name) &&
        value !== undefined &&
        code.text(value) === "True"
      )
        yield node;
    }
  },
};

export const EVERY_INTERFACE = callRule({
  name: "every-interface",
  cwe: 1327,
  title: "a server with its debugger on listens to the whole network",
  hint: /0\.0\.0\.0|["']::["']/,
  matches(code, { last, args, keywords }) {
    const host = keywords.get("host") ?? args[0];
    const debug = keywords.get("debug");
    if (!/^(?:run|bind)$/.test(last) || host === undefined) return false;
    return (
      /0\.0\.0\.0/.test(code.text(host)) && (last === "bind" || (debug !== undefined && code.text(debug) === "True"))
    );
  },
});
