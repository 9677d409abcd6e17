/** Numbers as they are read. */

/** `6,000`, `1 conversation`, `3 conversations`. */
export function count(n: number, of?: string): string {
  const number = n.toLocaleString("en-US");
  return of === undefined ? number : `${number} ${of}${n === 1 ? "" : "s"}`;
}

/** Small shares keep a digit, so that few is not none. */
export function percent(share: number): string {
  const hundredths = share * 100;
  if (share === 0 || share === 1) return `${hundredths} %`;
  if (hundredths < 0.1) return "< 0.1 %";
  return `${hundredths < 10 || hundredths > 99 ? Math.min(99.9, hundredths).toFixed(1) : hundredths.toFixed(0)} %`;
}

export function megabytes(bytes: number): string {
  return bytes < 10 ** 6 ? `${Math.max(1, Math.round(bytes / 1000))} kB` : `${(bytes / 10 ** 6).toFixed(1)} MB`;
}
