/** The path of a command's page. */
import { join } from "node:path";
import { writeFileAtomically } from "../store/index.js";

export const pageOf = (folder: string): string => join(folder, "report.html");

/** Writes `report.html` into the folder and returns its path; two at a time leave one whole page. */
export async function writePageInto(folder: string, html: string): Promise<string> {
  const path = pageOf(folder);
  await writeFileAtomically(path, (file) => file.writeFile(html));
  return path;
}
