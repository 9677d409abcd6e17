/** Cells of a study, which need nothing but their folder. */
import { printable } from "../../text/index.js";
import type { RunKind } from "../../run/index.js";
import { judgesOf, readCell, runCell } from "../../study/index.js";
import { watched } from "../study/run-options.js";
import { refuseUntrustedHosts } from "../study/trusted-hosts.js";
import type { CarryOnOptions } from "./command-kind.js";

export const CELL_KIND: RunKind<CarryOnOptions> = {
  kind: "cell of a study",
  record: "cell.json",
  async carryOn(folder, _record, { threads, host }) {
    const cell = await readCell(folder);
    if (cell !== undefined) refuseUntrustedHosts(folder, [cell.model, ...judgesOf(cell)], host);
    const { condition, seed } = await watched(threads, (options) => runCell(folder, options));
    process.stdout.write(printable(`${condition}, seed ${seed}: finished in ${folder}\n`));
  },
};
