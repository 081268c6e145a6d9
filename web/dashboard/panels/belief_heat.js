// @ts-check
/** A factor's belief over time: a row per state, a column per tick. */
import { paced } from "../charts/pace.js";
import { paintColumns, placesOf } from "../charts/heat.js";
import { dark } from "../stage.js";
import { useEffect, useRef } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { chance } from "./format.js";
import { ticks } from "./live.js";
import { useOnScreen } from "./seen.js";

/** @typedef {import("../watching.js").Factor} Factor */
/** @typedef {import("../charts/timeline.js").Timeline<Record<string, any>>} Rows */

const MOST_LABELS = 12;

const unpoint = () => { ticks.cursor.value = null; };
const goLive = () => { ticks.zoom.value = null; };

/** @param {{factor: Factor, timeline: Rows}} heat */
export function BeliefHeat({ factor, timeline }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const seen = useOnScreen(box);
  const isDark = dark.value;
  usePainting({ canvas, factor, timeline, isDark, seen });
  const { from, to } = ticks.range();
  const cursor = ticks.cursor.value;
  const inside = cursor !== null && cursor >= from && cursor <= to;
  const point = (/** @type {PointerEvent} */ event) => {
    const area = /** @type {HTMLElement} */ (event.currentTarget).getBoundingClientRect();
    ticks.cursor.value = from + ((event.clientX - area.left) / area.width) * (to - from);
  };
  const high = Math.min(220, Math.max(72, 16 * factor.states.length));
  return h("figure", { class: "heat", ref: box },
    h("figcaption", null,
      h("span", { class: "chart-title" }, `Belief about ${factor.name.replaceAll("_", " ")}`,
        h("span", { class: "unit" }, " over ticks")),
      h(Read, { factor, timeline, cursor: inside ? cursor : null })),
    h("div", { class: "heat-area", style: { height: `${high}px` } },
      h("ol", { class: "heat-states", "aria-hidden": "true" },
        factor.states.length <= MOST_LABELS && factor.states.map((state) => h("li", { key: state, title: state }, state))),
      h("div", { class: "heat-plot", onPointerMove: point, onPointerLeave: unpoint, onDblClick: goLive },
        h("canvas", { ref: canvas, role: "img", "aria-label": `Belief about ${factor.name} over time, a row per state` }),
        inside && h("i", { class: "heat-cursor", style: { left: `${(100 * (cursor - from)) / (to - from)}%` } }))));
}

/** What was believed where the cursor is, else now. @param {{factor: Factor, timeline: Rows, cursor: number | null}} read */
function Read({ factor, timeline, cursor }) {
  const place = cursor === null ? timeline.rows.length - 1
    : placesOf(timeline, cursor - 0.5, cursor + 0.5, 1)[0];
  const belief = place < 0 ? null : timeline.rows[place]?.belief[factor.name];
  if (!belief) return null;
  const ordered = factor.states.map((state, i) => ({ state, p: belief[i] })).sort((a, b) => b.p - a.p);
  return h("span", { class: "quiet" }, `tick ${timeline.offsets[place]}: `,
    ordered.slice(0, 2).map(({ state, p }) => `${state} ${chance(p)}`).join(", "));
}

/**
 * @param {{canvas: {current: HTMLCanvasElement | null}, factor: Factor, timeline: Rows, isDark: boolean, seen: boolean}} painting
 */
function usePainting({ canvas, factor, timeline, isDark, seen }) {
  useEffect(() => {
    if (!seen) return undefined;
    let painted = "";
    const paint = () => {
      if (!canvas.current) return;
      if (timeline.offsets.length) {
        ticks.reach(timeline.offsets[0], timeline.offsets[timeline.offsets.length - 1]);
      }
      const { from, to } = ticks.range();
      const width = Math.max(1, canvas.current.clientWidth);
      const state = `${timeline.version} ${from} ${to} ${width}`;
      if (state === painted) return;
      painted = state;
      const columns = Array.from(placesOf(timeline, from, to, width),
        (place) => (place < 0 ? null : timeline.rows[place].belief[factor.name] ?? null));
      paintColumns(canvas.current, columns, factor.states.length, isDark);
    };
    paint();
    return paced(paint);
  }, [seen, factor, timeline, isDark]);
}
