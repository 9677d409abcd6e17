/** A figure: its drawings for the width at hand, its key, its caption, its numbers, and files of all of them. */
import { useId } from "react";
import type { Figure, Table } from "../../src/dashboard/contract.ts";
import { csvOf, save, saveAsPng, svgFile } from "./export.ts";
import { Drawing } from "./drawing.tsx";

export function FigureView({ figure }: { readonly figure: Figure }) {
  const id = useId();
  const { heading, wide, narrow, key, caption, numbers } = figure;
  const name = figure.id.replaceAll(/\W+/g, "-");
  return (
    <section className="figure" aria-labelledby={id}>
      <h2 id={id}>{heading}</h2>
      <figure>
        {key.length > 0 && (
          <ul className="key" aria-label="Key">
            {key.map(({ svg, text }) => (
              <li key={text}>
                <Drawing svg={svg} /> {text}
              </li>
            ))}
          </ul>
        )}
        <div className="wide">
          {wide.map((svg, i) => (
            <Drawing key={`${figure.id} ${i}`} svg={svg} />
          ))}
        </div>
        <div className="narrow">
          {narrow.map((svg, i) => (
            <Drawing key={`${figure.id} ${i}`} svg={svg} />
          ))}
        </div>
        <figcaption>{caption}</figcaption>
      </figure>
      <div className="tools" role="group" aria-label={`Files of ${heading}`}>
        <button type="button" onClick={() => save(`${name}.svg`, "image/svg+xml", svgFile(figure))}>
          SVG
        </button>
        <button type="button" onClick={() => void saveAsPng(`${name}.png`, svgFile(figure))}>
          PNG
        </button>
        <button type="button" onClick={() => save(`${name}.csv`, "text/csv", csvOf(numbers))}>
          CSV
        </button>
      </div>
      <details>
        <summary>These numbers as a table</summary>
        <NumbersTable table={numbers} />
      </details>
    </section>
  );
}

export function NumbersTable({ table: { caption, headings, rows } }: { readonly table: Table }) {
  return (
    <div className="scroll" role="group" tabIndex={0} aria-label={caption}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {headings.map((heading) => (
              <th key={heading} scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={`${i} ${row[0] ?? ""}`}>
              {row.map((cell, j) =>
                j === 0 ? (
                  <th key={headings[j]} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={headings[j] ?? j}>{cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
