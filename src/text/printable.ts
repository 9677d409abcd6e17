/**
 * Names and answers come from files and from models: what would move the cursor, ring the bell, end a page
 * or turn the reading order round is shown as a visible sign instead. Newlines and tabs stay.
 */
export function printable(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .replaceAll(/[\p{Surrogate}\u0080-\u009f\u202a-\u202e\u2066-\u2069]/gu, "\ufffd")
    .replaceAll("\u007f", "\u2421")
    .replaceAll(/\p{Cc}/gu, (c) => (c === "\n" || c === "\t" ? c : String.fromCharCode(0x2400 + c.charCodeAt(0))));
}
