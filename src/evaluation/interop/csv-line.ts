/** Lines of comma-separated values (RFC 4180), as they are written. */

/** What a spreadsheet would take for a formula; a sign before a number is none. */
const FORMULA = /^(?:[=@\t\r]|[+-](?![\d.]))/;

/**
 * One record as a line of CSV, ended with LF. An empty record cannot be told from an empty line. A field that begins
 * like a formula gets an apostrophe before it, for a spreadsheet would run it.
 */
export function csvLine(fields: readonly string[]): string {
  // A lone empty field would be an empty line, which readers pass over.
  if (fields.length === 1 && fields[0] === "") return '""\n';
  return `${fields.map(quoted).join(",")}\n`;
}

function quoted(field: string): string {
  const text = FORMULA.test(field) ? `'${field}` : field;
  const plain = !/[",\r\n]|^\ufeff|^\s|\s$/.test(text);
  return plain ? text : `"${text.replaceAll('"', '""')}"`;
}
