// @ts-check
/** What the picked agent believes: a distribution per factor, as bars or over the cells of a grid. */
import { likeliest, paintGrid } from "../charts/heat.js";
import { dark } from "../stage.js";
import { useEffect, useRef, useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { chance, numbers } from "./format.js";
import { shownStates } from "./shown.js";

/** @typedef {import("../watching.js").Factor} Factor */
/** @typedef {ArrayLike<number> | null} Numbers */

/** @param {{factor: Factor, belief: any}} view  `belief`: data of a belief event */
export function FactorView({ factor, belief }) {
  const posterior = numbers(belief.belief?.[factor.name]);
  const [table, setTable] = useState(false);
  if (!posterior) return null;
  const prior = numbers(belief.prior?.[factor.name]);
  const likelihood = numbers(belief.likelihood?.[factor.name]);
  const best = likeliest(posterior);
  return h("figure", { class: "factor" },
    h("figcaption", null,
      h("span", { class: "chart-title" }, factor.name.replaceAll("_", " ")),
      h("span", { class: "best" }, "likeliest ", h("b", null, factor.states[best] ?? best), ` ${chance(posterior[best])}`),
      h("button", { type: "button", "aria-pressed": String(table), onClick: () => setTable(!table) }, "Table")),
    table ? h(FactorTable, { factor, prior, likelihood, posterior })
      : factor.grid ? h(Grid, { factor, posterior, best })
        : h(Bars, { factor, prior, posterior }));
}

/** @param {{factor: Factor, posterior: ArrayLike<number>, best: number}} grid */
function Grid({ factor, posterior, best }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const [pointed, setPointed] = useState(-1);
  const [rows, columns] = factor.grid ?? [1, 1];
  const isDark = dark.value;
  useEffect(() => {
    if (canvas.current) paintGrid(canvas.current, posterior, rows, columns, isDark);
  }, [posterior, isDark]);
  const point = (/** @type {PointerEvent} */ event) => {
    const box = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    const column = Math.floor(((event.clientX - box.left) / box.width) * columns);
    const inside = row >= 0 && row < rows && column >= 0 && column < columns;
    setPointed(inside ? row * columns + column : -1);
  };
  const shown = pointed < 0 ? best : pointed;
  return h("div", { class: "grid" },
    h("div", {
      class: "grid-cells",
      style: { aspectRatio: `${columns} / ${rows}` },
      onPointerMove: point,
      onPointerLeave: () => setPointed(-1),
    },
      h("canvas", {
        ref: canvas,
        role: "img",
        "aria-label": `Belief over ${rows} × ${columns} cells; likeliest ${factor.states[best]}`,
      }),
      h("i", { class: "best-cell", style: {
        left: `${(100 * (best % columns)) / columns}%`,
        top: `${(100 * Math.floor(best / columns)) / rows}%`,
        width: `${100 / columns}%`,
        height: `${100 / rows}%`,
      } })),
    h("span", { class: "quiet" }, `${factor.states[shown] ?? shown}: p ${chance(posterior[shown])}`));
}

/** @param {{factor: Factor, prior: Numbers, posterior: ArrayLike<number>}} bars */
function Bars({ factor, prior, posterior }) {
  const states = shownStates(posterior);
  const left = posterior.length - states.length;
  return h("div", { class: "bars" },
    states.map((state) => h("div", { class: "bar", key: state },
      h("span", { class: "bar-name", title: factor.states[state] }, factor.states[state] ?? state),
      h("span", { class: "bar-track" },
        h("i", { class: "bar-fill", style: { width: percent(posterior[state]) } }),
        prior && h("i", { class: "bar-prior", style: { left: percent(prior[state]) } })),
      h("span", { class: "bar-value" }, chance(posterior[state])))),
    left > 0 && h("span", { class: "quiet" }, `and ${left} less likely`));
}

/** @param {number} part */
function percent(part) {
  return `${(100 * Math.min(1, Math.max(0, part || 0))).toFixed(2)}%`;
}

/** @param {{factor: Factor, prior: Numbers, likelihood: Numbers, posterior: ArrayLike<number>}} table */
function FactorTable({ factor, prior, likelihood, posterior }) {
  const titles = ["State", "Prior", "Likelihood", "Posterior"];
  return h("div", { class: "plot-table", tabIndex: 0 }, h("table", null,
    h("caption", null, `Belief about ${factor.name}: prior × likelihood → posterior`),
    h("thead", null, h("tr", null, titles.map((title) => h("th", { key: title, scope: "col" }, title)))),
    h("tbody", null, factor.states.map((name, state) => h("tr", { key: name },
      h("th", { scope: "row" }, name),
      [prior, likelihood, posterior].map((column, i) => h("td", { key: i }, column ? chance(column[state]) : "–")))))));
}
