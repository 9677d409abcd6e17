/** Personal data: addresses, telephone and card numbers, with their checksums where they have one. */
import { isIP } from "node:net";
import { inEveryMessage, kindsCheck } from "./kinds-check.js";

const LOOKED_AT = 500_000;

const EMAIL = /(?<![\w.+%-])[\w.+%-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,18}(?![\w-])/g;
/** Reserved for examples, and what examples are written with. */
const EXAMPLE_EMAIL =
  /@(?:[\w-]+\.)*(?:example|test|invalid|localhost|local|domain|email|mail|company|yourdomain|yourcompany|mycompany|site|website|server|host|acme|foo|bar|abc|xyz|mydomain|sender|recipient|provider)\.[a-z.]+$|^(?:user|username|name|email|your[._]?\w{0,10}|you|me|admin|info|support|contact|sales|help|noreply|no-reply|john[._]?doe|jane[._]?doe|test|foo|someone|sender|recipient|git|example)\d{0,3}@|\.(?:png|jpe?g|gif|svg|local|test|example|invalid)$/i;
const PHONE = /(?<![\w.+/-])\+\d{1,3}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){2,4}(?![\w-])/g;
const CARD = /(?<![\w.-])\d{4}[ -]?\d{4,6}[ -]?\d{4,5}[ -]?\d{0,4}(?![\w.-])/g;
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/g;
const SOCIAL = /(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])/g;
const ADDRESS = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])/g;

/** Numbers that payment services publish for tests, and those of one digit. */
const TEST_CARD = /^(?:4242|4111|4012|5555|5105|3782|3714|6011|3056|3852|4000|4917|1234)|^(\d)\1+$/;

/** Luhn's checksum. */
function isCard(text: string): boolean {
  const digits = text.replaceAll(/\D/g, "");
  if (digits.length < 15 || digits.length > 16 || !/^[3-6]/.test(digits) || TEST_CARD.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const twice = digit * 2;
    sum += i % 2 === 0 ? digit : twice > 9 ? twice - 9 : twice;
  }
  return sum % 10 === 0;
}

/** ISO 13616: moved round and read as a number, it leaves 1 when it is divided by 97. */
function isIban(text: string): boolean {
  const plain = text.replaceAll(" ", "");
  if (plain.length < 15 || plain.length > 34) return false;
  let rest = 0;
  for (const letter of plain.slice(4) + plain.slice(0, 4)) {
    for (const digit of String(Number.parseInt(letter, 36))) rest = (rest * 10 + Number(digit)) % 97;
  }
  return rest === 1;
}

/** Addresses of the open internet; those for private networks and for manuals say nothing of anybody. */
function isPublicAddress(text: string): boolean {
  if (isIP(text) !== 4) return false;
  const [a = 0, b = 0, c = 0] = text.split(".").map(Number);
  if (a === 0 || a === 10 || a === 127 || a >= 224 || (a === 169 && b === 254)) return false;
  if ((a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 100 && b >= 64 && b < 128)) return false;
  if (
    (a === 192 && b === 0) ||
    (a === 198 && (b === 51 || b === 18 || b === 19)) ||
    (a === 203 && b === 0 && c === 113)
  )
    return false;
  return !/^(?:8\.8\.[48]\.[48]|1\.1\.1\.1|1\.0\.0\.1|9\.9\.9\.9|1\.2\.3\.4|255\.)/.test(text) && a > 9;
}

interface PersonalKind {
  readonly name: string;
  readonly pattern: RegExp;
  readonly is: (text: string) => boolean;
  /** Texts without it are not searched. */
  readonly mark: RegExp;
}

const KINDS: readonly PersonalKind[] = [
  { name: "an e-mail address", mark: /@/, pattern: EMAIL, is: (text) => !EXAMPLE_EMAIL.test(text) },
  { name: "a telephone number", mark: /\+\d/, pattern: PHONE, is: isPhone },
  { name: "a card number", mark: /\d{4}/, pattern: CARD, is: isCard },
  { name: "a bank account (IBAN)", mark: /[A-Z]{2}\d{2}/, pattern: IBAN, is: isIban },
  {
    name: "a US social security number",
    mark: /-\d{4}/,
    pattern: SOCIAL,
    is: (text) => !/^(?:123-45-6789|078-05-1120)$/.test(text),
  },
  { name: "an internet address (IP)", mark: /\d\.\d/, pattern: ADDRESS, is: isPublicAddress },
];

function isPhone(text: string): boolean {
  const digits = text.replaceAll(/\D/g, "");
  // 555 is for films and examples in North America.
  return digits.length >= 9 && digits.length <= 15 && !/^1\d{3}555|^1555|^1?234567|(\d)\1{5}|123456|00000/.test(digits);
}

/** The kinds of personal data in a text, each once. */
export function personalDataIn(text: string): string[] {
  const looked = text.slice(0, LOOKED_AT);
  return KINDS.filter(({ pattern, is, mark }) => {
    if (!mark.test(looked)) return false;
    for (const [found] of looked.matchAll(pattern)) if (is(found)) return true;
    return false;
  }).map(({ name }) => name);
}

export const PERSONAL = kindsCheck({
  id: "data/personal",
  title: "Personal data",
  kindsIn: inEveryMessage(personalDataIn),
  outcome: "note",
  share: "share of rows with personal data",
  none: "No e-mail address, telephone, card or account number was found that does not look like an example.",
  some: "may hold personal data",
  cure: "Look at these rows, and take out what belongs to a person.",
  limits:
    "Names and street addresses are not looked for; examples, test numbers and addresses of offices (info@) are passed over.",
});
