/**
 * A drawing of the server's, put into the page element by element. Only the elements and attributes that figures are made
 * of pass, so nothing that a run might have got into one can run, load or lead anywhere.
 */
import { useLayoutEffect, useRef } from "react";

const SVG = "http://www.w3.org/2000/svg";
const ELEMENTS = new Set(
  "svg g path line rect circle text tspan title desc clipPath defs polyline polygon ellipse".split(" "),
);
const ATTRIBUTES = new Set(
  (
    "viewBox width height x y x1 x2 y1 y2 cx cy r rx ry d points transform fill fill-opacity stroke stroke-width " +
    "stroke-opacity stroke-dasharray stroke-linecap stroke-linejoin stroke-miterlimit opacity font-size font-family " +
    "font-weight font-variant font-style text-anchor dx dy dominant-baseline clip-path id role aria-labelledby " +
    "aria-describedby aria-hidden"
  ).split(" "),
);
const STYLES = new Set(["display", "max-width", "height", "font-variant", "white-space", "mix-blend-mode"]);

export function Drawing({ svg }: { readonly svg: string }) {
  const place = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const parsed = new DOMParser().parseFromString(readable(svg), "image/svg+xml");
    const drawn = parsed.querySelector("parsererror") === null ? copied(parsed.documentElement) : undefined;
    place.current?.replaceChildren(...(drawn === undefined ? [] : [drawn]));
  }, [svg]);
  return <span ref={place} className="drawing" />;
}

/** The page's policy refuses style attributes as soon as they are parsed; quotes in texts are escaped, so this finds no other. */
const readable = (svg: string): string =>
  (svg.includes("xmlns=") ? svg : svg.replace("<svg", `<svg xmlns="${SVG}"`)).replaceAll(' style="', ' data-style="');

function copied(element: Element): Element | undefined {
  if (!ELEMENTS.has(element.localName)) return undefined;
  const copy = document.createElementNS(SVG, element.localName);
  for (const { name, value } of element.attributes) {
    if (name === "data-style") style(copy, value);
    else if (ATTRIBUTES.has(name) && !leads(value)) copy.setAttribute(name, value);
  }
  for (const child of element.childNodes) {
    if (child instanceof Element) {
      const inner = copied(child);
      if (inner !== undefined) copy.append(inner);
    } else if (child.nodeType === Node.TEXT_NODE) copy.append(document.createTextNode(child.textContent ?? ""));
  }
  return copy;
}

/** A reference to anything but a part of the same drawing. */
const leads = (value: string): boolean => /url\(/i.test(value) && !/^url\(#[\w-]+\)$/.test(value.trim());

/** Set one by one, which the policy allows. */
function style(copy: SVGElement, text: string): void {
  for (const rule of text.split(";")) {
    const [name = "", value = ""] = rule.split(":", 2);
    if (STYLES.has(name.trim()) && !leads(value)) copy.style.setProperty(name.trim(), value.trim());
  }
}
