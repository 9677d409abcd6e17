/** Licences and copyright lines that answers repeat: a model may give them on without their terms. */
import { kindsCheck } from "./kinds-check.js";

const SPDX = /SPDX-License-Identifier:\s{0,4}([A-Za-z0-9.+-]{2,40})/;
const NAMED: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["AGPL", /GNU Affero General Public License/i],
  ["LGPL", /GNU Lesser General Public License/i],
  ["GPL", /GNU General Public License/i],
  ["Apache-2.0", /Apache License,? Version 2\.0|apache\.org\/licenses\/LICENSE-2\.0/i],
  ["MPL-2.0", /Mozilla Public License/i],
  ["MIT", /Permission is hereby granted, free of charge, to any person/i],
  ["BSD", /Redistribution and use in source and binary forms/i],
  ["CC", /creativecommons\.org\/licenses\/[a-z-]{2,12}|CC[- ]BY(?:-(?:SA|NC|ND)){0,2}\b/],
];
const COPYRIGHT = /(?:^|\n)[^\n\w]{0,12}(?:Copyright|\u00a9)(?: \(c\)| \u00a9)?,? {0,2}(?:\d{4}|\(c\))/i;

/** `GPL`, `copyright line`; undefined for none. */
export function licenceIn(text: string): string | undefined {
  const looked = text.slice(0, 100_000);
  const spdx = SPDX.exec(looked)?.[1];
  if (spdx !== undefined) return spdx;
  return (
    NAMED.find(([, pattern]) => pattern.test(looked))?.[0] ?? (COPYRIGHT.test(looked) ? "a copyright line" : undefined)
  );
}

export const LICENCES = kindsCheck({
  id: "data/licences",
  title: "Licences and copyright",
  kindsIn: ({ answers }) => answers.map(licenceIn).filter((name) => name !== undefined),
  outcome: "note",
  share: "share of rows with a licence",
  none: "No answer holds a licence's text or a copyright line.",
  some: "may repeat a licence or a copyright line",
});
