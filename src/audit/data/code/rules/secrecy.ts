/** Ciphers, digests, random numbers, certificates and credentials that protect nothing. */
import type { SyntaxNode } from "@lezer/common";
import type { ParsedCode } from "../parsed-code.js";
import { callRule, type CodeRule } from "../rule.js";
import { isPlaceholder } from "../../placeholder.js";

const SECRET =
  /passw|pwd|secret|token|credential|sign|auth|session|otp|salt|nonce|csrf|api_?key|private|\bkey\b|_key\b/i;

/** The names around a place: the function's, and what the value is given to. */
function namesAround(code: ParsedCode, node: SyntaxNode): string {
  const own = code.bindings.filter(
    ({ value }) => value !== undefined && value.from <= node.from && node.to <= value.to,
  );
  return [code.scopesAt(node.from)[0]?.name ?? "", ...own.map(({ name }) => name)].join(" ");
}

export const WEAK_DIGEST = callRule({
  name: "weak-digest",
  cwe: 328,
  title: "MD5 or SHA-1 for something secret",
  hint: /md5|sha1|md4/i,
  matches(code, { name, last, args, keywords, node }) {
    const first = args[0] === undefined ? "" : (code.constant(args[0]) ?? "");
    const isWeak =
      /^(?:hashlib\.|crypto\.)?(?:md5|sha1|md4)$/i.test(name) ||
      (/^(?:hashlib\.new|\w*\.?createHash|\w*\.?createHmac)$/.test(name) && /^(?:md5|sha-?1|md4)$/i.test(first));
    if (!isWeak || keywords.get("usedforsecurity") !== undefined) return false;
    const inside = args.map((given) => code.text(given)).join(" ");
    // On a chain such as createHash("md5").update(password) the secret stands further on.
    const line = code.code.slice(node.to, node.to + 120).split("\n")[0] ?? "";
    return SECRET.test(`${namesAround(code, node)} ${inside} ${last === "createHash" ? line : ""}`);
  },
});

export const WEAK_CIPHER: CodeRule = {
  name: "weak-cipher",
  cwe: 327,
  title: "a cipher that is broken, or a mode that shows patterns",
  hint: /DES|ARC4|RC4|Blowfish|ECB|createCipher|TripleDES|IDEA/i,
  *find(code) {
    for (const { name, last, args, keywords, node } of code.calls) {
      const texts = [...args, ...keywords.values()].map((given) => code.text(given));
      if (/^(?:DES3?|ARC4|ARC2|Blowfish|CAST)\.new$/.test(name)) yield node;
      else if (/^(?:algorithms\.)?(?:ARC4|TripleDES|Blowfish|IDEA|CAST5|SEED)$/.test(name)) yield node;
      else if (last === "new" && texts.some((text) => /\bMODE_ECB\b/.test(text))) yield node;
      else if (/^modes\.ECB$/.test(name)) yield node;
      else if (/^(?:crypto\.)?create(?:Cipher|Decipher)$/.test(name)) yield node;
      else if (name.endsWith("createCipheriv") && /^["'](?:des|rc4|bf|.*-ecb)/i.test(texts[0] ?? "")) yield node;
    }
  },
};

export const GUESSED_SECRET = callRule({
  name: "guessed-secret",
  cwe: 338,
  title: "a secret from random numbers that can be foretold",
  hint: /random/i,
  matches(code, { name, node }) {
    if (!/^(?:random\.(?:choice|choices|randint|random|sample|randrange|getrandbits)|Math\.random)$/.test(name))
      return false;
    return /passw|secret|token|otp|salt|nonce|csrf|api_?key|private_?key|session_?id|reset_?code|verification_?code/i.test(
      namesAround(code, node),
    );
  },
});

export const UNVERIFIED_TLS: CodeRule = {
  name: "unverified-tls",
  cwe: 295,
  title: "certificates are not checked",
  hint: /verify|CERT_NONE|_create_unverified|check_hostname|rejectUnauthorized|NODE_TLS_REJECT|AutoAddPolicy|WarningPolicy/,
  *find(code) {
    const off = (node: SyntaxNode | undefined): boolean =>
      node !== undefined && /^(?:False|false|0|["']0["']|(?:ssl\.)?CERT_NONE)$/.test(code.text(node));
    for (const { name, last, args, keywords, node } of code.calls) {
      if (/^ssl\._create_unverified_context$/.test(name)) yield node;
      else if (
        /^(?:get|post|put|patch|delete|head|request|Session|Client|AsyncClient|stream)$/.test(last) &&
        off(keywords.get("verify"))
      )
        yield node;
      else if (
        off(keywords.get("rejectUnauthorized")) ||
        off(keywords.get("cert_reqs")) ||
        off(keywords.get("verify_ssl"))
      )
        yield node;
      else if (
        last === "set_missing_host_key_policy" &&
        args.some((given) => /AutoAddPolicy|WarningPolicy/.test(code.text(given)))
      )
        yield node;
    }
    for (const { name, value, node } of code.bindings) {
      if (
        /\.verify_mode$|\.check_hostname$|\.verify$|NODE_TLS_REJECT_UNAUTHORIZED|\._create_default_https_context$/.test(
          name,
        )
      ) {
        if (off(value) || (value !== undefined && /_create_unverified_context/.test(code.text(value)))) yield node;
      }
    }
  },
};

export const UNVERIFIED_TOKEN = callRule({
  name: "unverified-token",
  cwe: 347,
  title: "a token whose signature is not checked",
  hint: /\bjwt\b|\bjose\b|jsonwebtoken/,
  matches(code, { name, args, keywords }) {
    if (!/^(?:jwt|jose\.jwt|pyjwt|jsonwebtoken)\.(?:decode|verify)$/.test(name)) return false;
    const all = [...args, ...keywords.values()].map((given) => code.text(given));
    return (
      (keywords.get("verify") !== undefined &&
        /^(?:False|false)$/.test(code.text(keywords.get("verify") as SyntaxNode))) ||
      all.some((text) => /verify_signature["']?\s{0,4}:\s{0,4}False|["']none["']/.test(text))
    );
  },
});

const CREDENTIAL =
  /(?:^|[._"'])(?:\w{0,30}(?:passw(?:or)?d|passwd|pwd|secret(?:_?key)?|api_?key|access_?key|auth_?token|private_?key)|token)["'\]]*$/i;

export const WRITTEN_CREDENTIAL: CodeRule = {
  name: "written-credential",
  cwe: 798,
  title: "a password or key written into the code",
  hint: /(?:passw\w{0,8}|pwd|secret\w{0,8}|key|token)["'\]]{0,3}\s{0,3}[=:]\s{0,3}["']/i,
  *find(code) {
    const isSecret = (name: string, value: SyntaxNode | undefined): boolean => {
      if (value === undefined || !/^(?:String|ContinuedString)$/.test(value.name) || !CREDENTIAL.test(name))
        return false;
      return !isPlaceholder(code.constant(value) ?? "");
    };
    for (const { name, value, node } of code.bindings) if (isSecret(name, value)) yield node;
    for (const { keywords } of code.calls) for (const [name, value] of keywords) if (isSecret(name, value)) yield value;
  },
};
