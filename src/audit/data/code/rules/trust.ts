/** Data and servers that are trusted although nobody vouches for them. */
import { isFromOutside } from "../flow.js";
import { HOLE } from "../parsed-code.js";
import { callRule, type CodeRule } from "../rule.js";

export const UNPICKLED = callRule({
  name: "unpickled",
  cwe: 502,
  title: "data that may hold a program is loaded",
  hint: /pickle|dill|marshal|yaml|jsonpickle|shelve|unserialize|read_pickle|joblib|allow_pickle/,
  matches(code, { name, args, keywords }) {
    if (
      /^(?:c?_?[pP]ickle|dill|marshal|cloudpickle)\.(?:loads?|Unpickler)$|^(?:pd|pandas)\.read_pickle$|^jsonpickle\.decode$/.test(
        name,
      )
    )
      return true;
    if (/^(?:serialize\.unserialize|unserialize|node_serialize\.unserialize)$/.test(name)) return true;
    if (/^(?:np|numpy)\.load$/.test(name)) return /^True$/.test(textOf(keywords.get("allow_pickle")));
    if (/^yaml\.(?:unsafe_load|unsafe_load_all|full_load|load_all|load)$/.test(name)) {
      if (/unsafe/.test(name)) return true;
      if (/full_load/.test(name)) return false;
      const loader = keywords.get("Loader") ?? args[1];
      // js-yaml's load has been safe since its version 4.
      return code.language === "python" && !/Safe|Base|Full/.test(textOf(loader));
    }
    return false;
    function textOf(node: Parameters<typeof code.text>[0] | undefined): string {
      return node === undefined ? "" : code.text(code.followed(node));
    }
  },
});

const FETCHES =
  /^(?:requests|httpx|session|client|http|urllib\.request|urllib2|urllib|aiohttp|axios|got)\.(?:get|post|put|delete|head|request|urlopen|urlretrieve|stream)$|^(?:urlopen|urlretrieve|fetch|axios|got)$/;

export const ADDRESS_FROM_REQUEST = callRule({
  name: "address-from-request",
  cwe: 918,
  title: "a server fetches whatever address a request names",
  hint: /\brequest\.|\breq\.|\bctx\.|\binput\(|get_argument/,
  matches(code, { name, args, keywords }) {
    const address = keywords.get("url") ?? args[0];
    if (!FETCHES.test(name) || address === undefined || !isFromOutside(code, address)) return false;
    // An argument that somebody types at a terminal is their own.
    if (/\binput\(|sys\.argv|process\.argv/.test(code.code) && !/\brequest\.|\breq\./.test(code.code)) return false;
    const start = code.built(address)?.text;
    return start === undefined || start.startsWith(HOLE);
  },
});

export const OUTER_ENTITIES: CodeRule = {
  name: "outer-entities",
  cwe: 611,
  title: "an XML parser that follows references outside",
  hint: /resolve_entities|noent|load_dtd|feature_external_ges/,
  *find(code) {
    for (const { name, args, keywords, node } of code.calls) {
      const isOn = ["resolve_entities", "noent", "load_dtd"].some((key) => {
        const value = keywords.get(key);
        return value !== undefined && /^(?:True|true)$/.test(code.text(value));
      });
      if (isOn) yield node;
      else if (
        name.endsWith("setFeature") &&
        /feature_external_ges/.test(code.text(args[0] ?? node)) &&
        /^True|^1/.test(code.text(args[1] ?? node))
      )
        yield node;
    }
  },
};

export const LOOSE_HOSTNAME = callRule({
  name: "loose-hostname",
  cwe: 625,
  title: "a pattern that lets look-alike host names through",
  hint: /\b(?:re\.|RegExp|regex)/,
  matches(code, { name, args }) {
    if (!/^(?:re|regex)\.(?:compile|match|fullmatch|search)$|^RegExp$/.test(name)) return false;
    const pattern = code.constant(args[0]) ?? "";
    // A dot of a name that is not escaped stands for any character.
    return /^\^?(?:https?|\(?:https?)/.test(pattern) ||
      /^\^?[\w[\]\\+*-]{1,60}(?:\\?\.[\w-]{1,60}){1,6}\$?$/.test(pattern)
      ? /(?<!\\)\.(?:[\w-]{1,60}\\?\.){0,4}(?:com|org|net|edu|gov|io|co|dev|app)\b/.test(pattern)
      : false;
  },
});
