/** Hostile text for one line of a message: no control characters, at most `most` characters. */
export function excerpt(text: string, most = 200): string {
  // eslint-disable-next-line no-control-regex
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g, " ").trim();
  return line.length <= most ? line : `${line.slice(0, most)}…`;
}
