/** Keeps what is on the screen as one HTML file that needs nothing else. */
import { save } from "./export.ts";

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export function SavePage({ title }: { readonly title: string }) {
  return (
    <button type="button" className="quiet" onClick={() => save("askew-view.html", "text/html", pageOf(title))}>
      Save this page
    </button>
  );
}

function pageOf(title: string): string {
  const page = document.implementation.createHTMLDocument(`${title} · askew view`);
  page.documentElement.lang = "en";
  const policy = page.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = POLICY;
  const letters = page.createElement("meta");
  letters.setAttribute("charset", "utf-8");
  const width = page.createElement("meta");
  [width.name, width.content] = ["viewport", "width=device-width"];
  const style = page.createElement("style");
  style.textContent = [...document.styleSheets].map(({ cssRules }) => [...cssRules].map(textOf).join("\n")).join("\n");
  page.head.prepend(letters, policy, width);
  page.head.append(style);
  const main = document.querySelector("main")?.cloneNode(true);
  if (main instanceof HTMLElement) {
    for (const control of main.querySelectorAll("button:not(.list button), form, .tools, .filters, nav, .back")) {
      control.remove();
    }
    page.body.append(main);
  }
  return `<!doctype html>\n${page.documentElement.outerHTML}`;
}

const textOf = ({ cssText }: CSSRule): string => cssText;
