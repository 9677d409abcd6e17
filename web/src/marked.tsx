/** A text with the words that were looked for made to stand out. */

/** Places that are marked; a text of one letter would else be all marks. */
const MOST = 200;

export function Marked({ text, words }: { readonly text: string; readonly words: string }) {
  const wanted = words.trim().toLowerCase();
  const lower = text.toLowerCase();
  // Letters that change their length in lower case would shift the marks.
  if (wanted === "" || lower.length !== text.length) return text;
  const parts: (string | React.ReactElement)[] = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0 && parts.length < MOST; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>);
    from = at + wanted.length;
  }
  return (
    <>
      {parts}
      {text.slice(from)}
    </>
  );
}
