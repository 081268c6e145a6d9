// @ts-check
/**
 * One chart of uPlot's, drawn from a timeline. Imperative; `chart.js` puts it on the page.
 * @typedef {{name: string, title: string, color?: number, dash?: boolean, band?: string}} Series
 *   `color`: number of the theme's series colour; `band`: name of the series down to which is filled
 * @typedef {import("./timeline.js").Timeline<Record<string, number>>} Rows
 * @typedef {import("./group.js").Group} Group
 * @typedef {import("../panels/inks.js").Inks} Inks
 * @typedef {{timeline: Rows, series: Series[], group: Group, floor?: number, format?: (value: unknown) => string, binary?: boolean}} Content
 *   `floor`: what the y axis shows at least; `format`: of values (numbers unless told);
 *   `binary`: they are bytes
 */
import { bytes, grouped, short } from "../panels/format.js";
import { effect } from "../vendor/signals/signals.js";
import uPlot from "../vendor/uplot/uPlot.js";
import { decimated } from "./decimation.js";
import { drawMarks } from "./marks.js";
import { columns } from "./timeline.js";

export const LEFT = 56; // the same in every chart, so that their cursors align
export const RIGHT = 12;
const FONT = "11px system-ui, sans-serif";
const WHOLE = [1, 2, 5].flatMap((step) => Array.from({ length: 8 }, (_, power) => step * 10 ** power))
  .sort((one, other) => one - other);
const SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
const POWERS = Array.from({ length: 44 }, (_, power) => 2 ** power);

export class Plot {
  /**
   * @param {HTMLElement} host
   * @param {Content} content
   * @param {Inks} inks
   * @param {(row: number | null) => void} pointed told the place in the drawn data, null: nowhere
   */
  constructor(host, content, inks, pointed) {
    this.content = content;
    this.inks = inks;
    this.hidden = new Set();
    this.drawn = "";
    /** @type {{xs: number[], series: (number | null)[][]}} */
    this.data = { xs: [], series: [] };
    const size = { width: host.clientWidth || 300, height: host.clientHeight || 150 };
    this.plot = new uPlot({ ...size, ...this.#options(pointed) }, this.#empty(), host);
    this.observer = new ResizeObserver(() => {
      this.plot.setSize({ width: host.clientWidth || 1, height: host.clientHeight || 1 });
    });
    this.observer.observe(host);
    this.endCursor = effect(() => this.#point(content.group.cursor.value));
  }

  /** Draw what is new; nothing where nothing is. */
  draw() {
    const { timeline, series, group } = this.content;
    if (timeline.offsets.length) {
      group.reach(timeline.offsets[0], timeline.offsets[timeline.offsets.length - 1]);
    }
    const { from, to } = group.range();
    const seen = `${group.at.value} ${group.marks.value.length}`;
    const state = `${timeline.version} ${from} ${to} ${this.plot.width} ${[...this.hidden]} ${seen}`;
    if (state === this.drawn) return;
    this.drawn = state;
    this.data = columns(timeline, series.map(({ name }) => name), from, to);
    const { xs, series: values } = decimated(this.data.xs, this.data.series, this.plot.width / 2);
    this.plot.setData(/** @type {any} */ ([xs, ...values]), false);
    this.plot.setScale("x", { min: from, max: to });
    this.#point(group.cursor.peek());
  }

  /** @param {string} name @param {boolean} shown */
  show(name, shown) {
    if (shown) this.hidden.delete(name);
    else this.hidden.add(name);
    const place = this.content.series.findIndex((one) => one.name === name);
    this.plot.setSeries(place + 1, { show: shown });
  }

  /** The values at a place in what is drawn. @param {number | null} row */
  values(row) {
    const data = /** @type {(number | null)[][]} */ (/** @type {unknown} */ (this.plot.data));
    const place = row ?? this.#placeShown(/** @type {number[]} */ (data[0]));
    return data.map((values) => values[place] ?? null);
  }

  /** The place of the tick that is looked at, else the last. @param {number[]} xs */
  #placeShown(xs) {
    const at = this.content.group.at.peek();
    const after = at === null ? -1 : xs.findIndex((x) => x >= at);
    return after < 0 ? xs.length - 1 : after;
  }

  get canvas() {
    return this.plot.ctx.canvas;
  }

  close() {
    this.observer.disconnect();
    this.endCursor();
    this.plot.destroy();
  }

  /** @returns {any} */
  #empty() {
    return [[], ...this.content.series.map(() => [])];
  }

  /** @param {number | null} x */
  #point(x) {
    if (!this.plot) return;
    const { min, max } = this.plot.scales.x;
    const seen = x !== null && min != null && max != null && x >= min && x <= max;
    const left = seen ? this.plot.valToPos(x, "x") : -10;
    this.plot.setCursor({ left, top: seen ? 4 : -10 }, false);
    this.onPoint?.(seen ? this.plot.cursor.idx ?? null : null);
  }

  /** @param {(row: number | null) => void} pointed @returns {Omit<uPlot.Options, "width" | "height">} */
  #options(pointed) {
    const { series, group, floor, binary } = this.content;
    this.onPoint = pointed;
    const { inks } = this;
    return {
      legend: { show: false },
      padding: [8, RIGHT, 0, 0],
      cursor: this.#cursor(),
      scales: { x: { time: false }, y: { range: (_, low, high) => range(low, high, floor) } },
      axes: [
        { ...axis(inks), size: 24, ...xAxis(group) },
        {
          ...axis(inks),
          size: LEFT,
          values: (_, ticks) => ticks.map((at) => (binary ? bytes(at) : short(at))),
          ...(binary ? { incrs: POWERS } : {}),
        },
      ],
      series: [{}, ...series.map((one, i) => line(one, i, inks))],
      bands: series.flatMap((one, i) => bandOf(one, i, series, inks)),
      hooks: {
        draw: [(plot) => drawMarks(plot, group.marks.peek(), group.at.peek(), inks)],
        setCursor: [(plot) => {
          const { left } = plot.cursor;
          group.cursor.value = left == null || left < 0 ? null : plot.posToVal(left, "x");
        }],
        setSelect: [(plot) => {
          if (plot.select.width < 4) return;
          const from = plot.posToVal(plot.select.left, "x");
          group.zoom.value = { from, to: plot.posToVal(plot.select.left + plot.select.width, "x") };
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        }],
      },
    };
  }

  /** @returns {uPlot.Cursor} */
  #cursor() {
    const { group } = this.content;
    return {
      y: false,
      points: { size: 6 },
      drag: { x: true, y: false, setScale: false },
      bind: { dblclick: () => () => { group.zoom.value = null; return null; } },
    };
  }
}

/** Ticks are counted; seconds are counted back from now. @param {Group} group @returns {uPlot.Axis} */
function xAxis(group) {
  if (group.unit === "tick") {
    return { incrs: WHOLE, values: (_, ticks) => ticks.map((at) => (at < 1e6 ? grouped(at) : short(at))) };
  }
  return {
    incrs: SECONDS,
    splits: (_plot, _axis, low, high, step) => {
      const count = Math.max(0, Math.floor((group.newest - low) / step));
      const all = Array.from({ length: count + 1 }, (_, i) => group.newest - (count - i) * step);
      return all.filter((at) => at <= high);
    },
    values: (_, ticks) => ticks.map((at) => (at === group.newest ? "now" : `${short(at - group.newest)} s`)),
  };
}

/** @param {Inks} inks @returns {uPlot.Axis} */
function axis(inks) {
  return {
    stroke: inks.muted,
    font: FONT,
    grid: { stroke: inks.line, width: 1 },
    ticks: { stroke: inks.line, width: 1, size: 4 },
    gap: 4,
  };
}

/** @param {Series} one @param {number} i @param {Inks} inks @returns {uPlot.Series} */
function line(one, i, inks) {
  const stroke = inks.series[(one.color ?? i) % inks.series.length];
  return {
    label: one.title,
    stroke,
    width: one.dash ? 1 : 1.75,
    ...(one.dash ? { dash: [4, 3] } : {}),
    points: { size: 4, fill: stroke },
    spanGaps: false,
    pxAlign: 0,
  };
}

/** @param {Series} one @param {number} i @param {Series[]} all @param {Inks} inks @returns {uPlot.Band[]} */
function bandOf(one, i, all, inks) {
  const to = one.band ? all.findIndex((other) => other.name === one.band) : -1;
  if (to < 0) return [];
  return [{ series: [i + 1, to + 1], fill: `${inks.series[one.color ?? i]}26` }];
}

/**
 * A quiet y range: from zero where nothing is below it, with some room.
 * @param {number | null} low
 * @param {number | null} high
 * @param {number} [floor] the least that the top must show
 * @returns {[number, number]}
 */
export function range(low, high, floor = 1e-3) {
  if (low === null || high === null) return [0, Math.max(1, floor)];
  if (low === 0 && high === 0) return [0, floor > 1e-3 ? floor : 1];
  const bottom = low >= 0 ? 0 : low - 0.06 * (Math.max(high, 0) - low);
  const top = high <= 0 ? 0.06 * (high - low) : high + 0.08 * (high - Math.min(0, low));
  return [bottom, Math.max(top, bottom + floor)];
}
