// @ts-check
/** What happened in the run, newest first; each leads to its tick. */
import { happenings } from "../time/happenings.js";
import { KINDS, told } from "../time/markers.js";
import { lookAt } from "../time/past.js";
import { h } from "../vendor/preact/preact.js";

const MOST = 60;

export function Happened() {
  const newest = happenings.value.slice(-MOST).reverse();
  return h("section", { class: "block happened", "aria-label": "What happened in this run" },
    h("h3", null, "What happened"),
    newest.length === 0 && h("p", { class: "quiet" }, "Nothing but ticks so far."),
    h("ol", null, newest.map((happening) => h("li", { key: happening.key },
      h("span", { "aria-hidden": "true" }, KINDS[happening.kind]?.sign ?? "·"),
      h("button", { type: "button", class: "link", onClick: () => lookAt(happening.tick) }, told(happening))))));
}
