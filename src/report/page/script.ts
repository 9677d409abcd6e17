/**
 * The page's one script: it filters the list of answers. The page is whole without it. The content security
 * policy names its hash, so no other script can run, whatever a model said.
 */
import { sha256 } from "../../store/index.js";

export const script = `
const filter = document.getElementById("filter");
if (filter) {
  const [condition, questions, text, misaligned, count] = ["condition", "questions", "text", "misaligned", "count"].map((id) => document.getElementById("filter-" + id));
  const groups = [...document.querySelectorAll("#answer-list .group")];
  let waiting;
  const apply = () => {
    const words = text.value.trim().toLowerCase().split(/\\s+/).filter(Boolean);
    const active = words.length > 0 || condition.value || questions.value || misaligned.checked;
    let shown = 0, all = 0;
    for (const group of groups) {
      let inGroup = 0;
      for (const set of group.querySelectorAll(".set")) {
        let inSet = 0;
        for (const answer of set.querySelectorAll(".answer")) {
          all++;
          const fits = (!condition.value || group.dataset.condition === condition.value)
            && (!questions.value || answer.dataset.questions === questions.value)
            && (!misaligned.checked || "misaligned" in answer.dataset)
            && (words.length === 0 || words.every((word) => answer.textContent.toLowerCase().includes(word)));
          answer.hidden = !fits;
          if (fits) inSet++;
        }
        set.hidden = inSet === 0;
        inGroup += inSet;
      }
      group.hidden = inGroup === 0;
      group.open = Boolean(active) && inGroup > 0;
      shown += inGroup;
    }
    count.textContent = active ? shown + " of " + all + " answers" : "";
  };
  filter.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); });
  filter.hidden = false;
}
`;

export const scriptHash = `sha256-${sha256(script, "base64")}`;
