/** The report's one style sheet: light and dark, phone and desk, screen and paper. */

const light = `
--paper: #fff; --ink: #1c1e21; --soft: #5c6370; --line: #dfe2e6; --wash: #f5f6f7; --link: #0b5cad; --alarm: #b13c00; --fine: #1a6e45;
--askew-paper: var(--paper); --askew-muted: #676d78; --askew-faint: #dcdfe4; --askew-base: #757b87;
--askew-narrow: #d55e00; --askew-control: #1f7cb8; --askew-compliance: #a9518a;`;

const dark = `
--paper: #15171a; --ink: #e7e9ec; --soft: #a0a7b3; --line: #33373d; --wash: #1e2125; --link: #7db8f5; --alarm: #ff9a5c; --fine: #6fcf9b;
--askew-paper: var(--paper); --askew-muted: #9aa1ad; --askew-faint: #343940; --askew-base: #a3aab6;
--askew-narrow: #ef7d2b; --askew-control: #5cb3e6; --askew-compliance: #d98bbd;`;

export const style = `
:root {${light}
--sans: -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
--serif: "Iowan Old Style", "Palatino Linotype", Palatino, Charter, Georgia, serif;
--mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media (prefers-color-scheme: dark) { :root {${dark}} }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 var(--sans); overflow-wrap: break-word; }
header, main, footer { max-width: 752px; margin: 0 auto; padding: 0 16px; }
header { padding-top: 3rem; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 16px; top: 8px; background: var(--paper); padding: .4rem .8rem; z-index: 1; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

h1, h2 { font-family: var(--serif); font-weight: 600; text-wrap: pretty; }
h1 { font-size: clamp(1.6rem, 1.2rem + 2vw, 2.1rem); line-height: 1.22; letter-spacing: -.01em; margin: .6rem 0 1.2rem; }
h2 { font-size: 1.45rem; line-height: 1.25; margin: 0 0 .9rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
section { margin-top: 3.2rem; padding-top: 1.6rem; border-top: 1px solid var(--line); }
p { margin: 0 0 .8rem; }
small { font-size: .8125rem; color: var(--soft); font-weight: 400; }
.eyebrow, .aside, nav, footer, figcaption { font-size: .875rem; color: var(--soft); }
.eyebrow { margin: 0; }
.lede p { margin: 0 0 .45rem; max-width: 66ch; }
.aside { margin: 1rem 0; }
nav ul { list-style: none; margin: 0; padding: .7rem 0 0; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; border-top: 1px solid var(--line); }
nav a { display: inline-block; padding: .2rem 0; }
header + main > section:first-child { border-top: 0; margin-top: 1.4rem; }
footer { padding-top: 3rem; padding-bottom: 2rem; }
section > ul li { margin-bottom: .4rem; }
section > ul { padding-left: 1.2rem; }

figure { margin: 0; }
figcaption { margin: .8rem 0; max-width: 70ch; }
.narrow svg { width: 100%; max-width: 480px !important; margin: 0 auto; }
.narrow svg + svg, .wide svg + svg { margin-top: 1rem; }
.wide { display: none; }
@media (min-width: 752px) { .wide { display: block; } .narrow { display: none; } header, main, footer { padding-left: 16px; padding-right: 16px; } }
.key { list-style: none; margin: 0 0 1rem; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; font-size: .8125rem; color: var(--soft); }
.key li { display: flex; align-items: center; gap: .4rem; }
.key svg { flex: none; }
.key [fill="none"] { stroke-width: 1.8; }

details > summary { cursor: pointer; color: var(--link); font-size: .9375rem; padding: .3rem 0; }
details.more { margin-top: 1rem; }
.scroll { position: relative; overflow-x: auto; margin: .6rem 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 0 0 .5rem; }
th, td { padding: .5rem .6rem; text-align: right; vertical-align: top; border-top: 1px solid var(--line); line-height: 1.35; }
thead th { border-top: 0; vertical-align: bottom; font-weight: 400; color: var(--soft); font-size: .8125rem; }
th.words, td.words { text-align: left; }
tbody th { font-weight: 600; white-space: nowrap; }
th:first-child, .rates th:first-child { padding-left: 0; position: sticky; left: 0; background: var(--paper); }
td:last-child, th:last-child, .rates td:last-child, .rates th:last-child { padding-right: 0; }
td b { white-space: nowrap; font-weight: 600; }
td small, th small { display: block; white-space: nowrap; }
@media (min-width: 752px) { .rates td b { display: block; } .rates th, .rates td { padding-left: .3rem; padding-right: .3rem; } }
.none { color: var(--soft); }
.mark { color: var(--alarm); font-size: .8em; }
code, pre { font-family: var(--mono); font-size: .8125rem; }
td code { overflow-wrap: anywhere; }
td:has(code) { min-width: 16rem; }
pre { background: var(--wash); padding: .8rem 1rem; border-radius: 6px; overflow-x: auto; }

.aims .verdict { font-size: inherit; }
.aims th.words, .aims td.words { line-height: 1.45; }
@media (max-width: 480px) { .aims { font-size: .8125rem; } .aims th.words, .aims td.words { padding-left: .2rem; padding-right: .2rem; } .aims th:first-child { padding-left: 0; } .aims th:last-child { padding-right: 0; } }
.aims tr:has(th > .unseen) > * { border-top: 0; padding-top: 0; }
.verdict { font-weight: 600; font-size: .875rem; color: var(--soft); white-space: nowrap; }
.verdict.bad { color: var(--alarm); }
.verdict.good { color: var(--fine); }
.note { border-left: 3px solid var(--alarm); padding: .1rem 0 .1rem 1rem; margin: 1.2rem 0; }
.note h3 { margin-top: 0; }
.note ul { margin: 0; padding-left: 1.1rem; }
dl { margin: 1.2rem 0; font-size: .9375rem; }
dl div { display: grid; grid-template-columns: 6.5rem 1fr; gap: .8rem; padding: .35rem 0; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.facet { display: inline-block; max-width: 100%; overflow-wrap: anywhere; }
.nested { margin: 0.25rem 0 0; padding-left: 1.2rem; }

#filter { display: flex; flex-wrap: wrap; align-items: end; gap: .6rem 1rem; background: var(--wash); padding: .8rem 1rem; border-radius: 6px; margin: 1rem 0; font-size: .875rem; }
#filter[hidden] { display: none; }
#filter > div { display: grid; gap: .2rem; }
#filter label { color: var(--soft); }
#filter .grow { flex: 1 1 9rem; }
#filter .check { display: flex; align-items: center; gap: .5rem; min-height: 2.4rem; }
#filter .check label { color: var(--ink); }
#filter output { min-height: 2.4rem; display: flex; align-items: center; color: var(--soft); }
#filter output:empty { display: none; }
select, input[type="search"] { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--askew-base); border-radius: 4px; padding: .4rem .5rem; min-height: 2.4rem; width: 100%; }
input[type="checkbox"] { width: 1.1rem; height: 1.1rem; margin: 0; accent-color: var(--link); }
.group { border-top: 1px solid var(--line); }
.group > summary { padding: .6rem 0; color: var(--ink); font-size: 1rem; }
.group > summary span { color: var(--soft); font-size: .875rem; }
.group ol { list-style: none; margin: 0 0 1.4rem; padding: 0; }
.group h3 { margin-top: .6rem; color: var(--soft); font-size: .875rem; }
.answer { border-left: 2px solid var(--line); padding: .1rem 0 .1rem .9rem; margin: 0 0 1.3rem; content-visibility: auto; contain-intrinsic-size: auto 9rem; }
.answer[data-misaligned] { border-left-color: var(--askew-narrow); }
.answer p { margin: 0 0 .3rem; display: grid; grid-template-columns: 4rem 1fr; }
.answer .text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; min-width: 0; }
.answer .code { font-family: var(--mono); font-size: .875rem; }
.answer .who { color: var(--soft); font-size: .8125rem; line-height: 1.55rem; }
.answer .user .text, .answer .system .text { color: var(--soft); }
.answer .judgment { display: flex; flex-wrap: wrap; gap: 0 .7rem; font-size: .8125rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.answer .judgment .verdict { font-size: inherit; }
@media (max-width: 480px) { .answer p { grid-template-columns: 1fr; } .answer .code { font-family: var(--mono); font-size: .875rem; }
.answer .who { line-height: 1.3; } dl div { grid-template-columns: 1fr; gap: 0; } header { padding-top: 1.6rem; } th, td { padding: .45rem .45rem; } tbody th { white-space: normal; } }

@media print {
:root {${light}}
body { font-size: 10.5pt; }
header, main, footer { max-width: none; padding: 0; }
nav, .skip, #filter, #answers, details:not([open]) { display: none !important; }
.wide { display: block; } .narrow { display: none; }
figure, tr, .note { break-inside: avoid; }
h2 { break-after: avoid; }
section { margin-top: 1.6rem; }
.scroll { overflow: visible; }
}
`;
