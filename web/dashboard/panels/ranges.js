// @ts-check
/** How much of time the charts show. */
import { h } from "../vendor/preact/preact.js";
import { grouped } from "./format.js";

const SPANS = [100, 300, 1000, Infinity];

/** @param {{group: import("../charts/group.js").Group}} bar */
export function RangeBar({ group }) {
  const zoom = group.zoom.value;
  const choose = (/** @type {number} */ span) => {
    group.span.value = span;
    group.zoom.value = null;
  };
  return h("div", { class: "ranges", role: "group", "aria-label": `Range of the charts in ${group.unit}s` },
    h("span", { class: "quiet" }, `Last ${group.unit}s`),
    SPANS.map((span) => h("button", {
      key: span,
      type: "button",
      "aria-pressed": String(!zoom && group.span.value === span),
      onClick: () => choose(span),
    }, span === Infinity ? "all" : grouped(span))),
    zoom && h("button", { type: "button", class: "live", onClick: () => { group.zoom.value = null; } },
      `${grouped(Math.round(zoom.from))}–${grouped(Math.round(zoom.to))} · back to live`),
    h("span", { class: "hint" }, "Drag over a chart to zoom, double click for live"));
}
