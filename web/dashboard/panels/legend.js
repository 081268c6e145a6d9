// @ts-check
/** What the colours of agents mean. */
import { categoryColor, css, SHAPES, viridis } from "../world/palette.js";
import { traced } from "../world/shapes.js";
import { useEffect, useRef } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { number } from "./format.js";

const STOPS = 12;

/**
 * @param {{variable: import("../watching.js").ColumnInfo, low: number, high: number, dark: boolean, shaped: boolean}} legend
 */
export function Legend({ variable, low, high, dark, shaped }) {
  if (variable.kind !== "number") return h(Categories, { variable, shaped });
  const stops = Array.from({ length: STOPS }, (_, i) => css(viridis(i / (STOPS - 1), dark)));
  const known = low <= high;
  return h("div", { class: "legend" },
    h("span", null, known ? number(low) : "–"),
    h("i", { class: "gradient", style: { background: `linear-gradient(90deg, ${stops.join(", ")})` } }),
    h("span", null, known ? number(high) : "–"),
    h("span", { class: "unit" }, variable.unit));
}

/** @param {{variable: import("../watching.js").ColumnInfo, shaped: boolean}} categories */
function Categories({ variable, shaped }) {
  const labels = variable.kind === "flag" ? ["no", "yes"] : variable.labels;
  return h("ul", { class: "legend" }, labels.map((label, category) => h("li", { key: label },
    h(Swatch, { category, shaped }), label)));
}

/** @param {{category: number, shaped: boolean}} swatch */
export function Swatch({ category, shaped }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, 24, 24);
    context.fillStyle = css(categoryColor(category));
    traced(context, shaped ? category % SHAPES : 1, 12, 12, 9);
    context.fill();
  }, [category, shaped]);
  return h("canvas", { class: "swatch", width: 24, height: 24, ref: canvas, "aria-hidden": "true" });
}
