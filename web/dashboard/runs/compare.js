// @ts-check
/** Two runs against one another: where they part, how far they are apart, and their figures. */
import { Chart } from "../charts/chart.js";
import { Group } from "../charts/group.js";
import { part } from "../location.js";
import { number, valueOf } from "../panels/format.js";
import { readable } from "../panels/measures.js";
import { RangeBar } from "../panels/ranges.js";
import { connection, query } from "../stage.js";
import { useEffect, useMemo, useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { bothRows, columnsApart, commonNames, distanceRows, partingTold } from "./compared.js";

/**
 * @typedef {import("./compared.js").Difference} Difference
 * @typedef {import("./compared.js").Told} Told
 * @typedef {import("../watching.js").ColumnInfo} ColumnInfo
 * @typedef {{difference: Difference, columns: ColumnInfo[], one: Told[], two: Told[]}} Found
 */

const MOST_TICKS = 1000;
const BEFORE = 50; // ticks before the parting that are shown
const MOST_CHARTS = 12;
const compared = part("compare");

/** The two names in the address; fewer where fewer are chosen. */
export function chosenRuns() {
  return (compared.value ?? "").split(",").filter(Boolean).slice(0, 2);
}

/** Take a run in or out; of three the oldest choice goes. @param {string} name */
export function choose(name) {
  const chosen = chosenRuns();
  const next = chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name].slice(-2);
  compared.value = next.join(",") || null;
}

/** @param {{one: string, two: string}} props */
export function Compare({ one, two }) {
  const [found, setFound] = useState(/** @type {Found | null} */ (null));
  const [error, setError] = useState(/** @type {string | null} */ (null));
  const [count, setCount] = useState(0);
  const open = connection.value.state === "OPEN";
  useEffect(() => {
    if (!open) return undefined;
    let wanted = true;
    setError(null);
    read(one, two).then((all) => { if (wanted) setFound(all); }, (problem) => { if (wanted) setError(problem.message); });
    return () => { wanted = false; };
  }, [one, two, open, count]);
  return h("section", { class: "card compare", "aria-label": "Comparison" },
    h("header", null, h("h2", null, `${one} and ${two}`),
      h("button", { class: "quiet", onClick: () => setCount(count + 1) }, "Compare again"),
      h("button", { class: "quiet", onClick: () => { compared.value = null; } }, "Close")),
    error && h("p", { class: "error" }, error),
    !found && !error && h("p", { class: "quiet" }, "Comparing…"),
    found && h(Result, { key: `${one} ${two} ${found.difference.last}`, found }));
}

/** @param {string} one @param {string} two @returns {Promise<Found>} */
async function read(one, two) {
  const [difference, about] = await Promise.all([
    query("run.diff", { run: one, other: two }), query("run.get", { run: one })]);
  const { first, last, tick } = difference;
  const from = Math.max(first, (tick ?? last - MOST_TICKS) - BEFORE);
  const to = Math.min(last, from + MOST_TICKS - 1);
  const [a, b] = await Promise.all([one, two].map((run) => (
    query("history", { topic: `run.${run}.tick`, from, to, limit: MOST_TICKS }))));
  return { difference, columns: about.columns ?? [], one: a.events, two: b.events };
}

/** @param {{found: Found}} props */
function Result({ found: { difference, columns: known, one, two } }) {
  const { group, apart, both } = useMemo(() => ({
    group: new Group("tick", Infinity), apart: distanceRows(difference.distances), both: bothRows(one, two),
  }), []);
  const names = commonNames(one, two).slice(0, MOST_CHARTS);
  const columns = columnsApart(difference.distances);
  const infoOf = (/** @type {string} */ name) => known.find((column) => column.name === name);
  const shown = (/** @type {any} */ value) => told(value, infoOf(difference.parting?.variable ?? ""));
  if (difference.tick !== null) group.marks.value = [{ x: difference.tick, sign: "◆" }];
  return h("div", { class: "compared" },
    h("p", { class: "verdict", role: "status" }, partingTold(difference, shown, infoOf(difference.parting?.variable ?? "")?.title)),
    h("p", { class: "quiet" }, `${difference.runs[0]} has ${difference.lengths[0]} ticks, ${difference.runs[1]} has ${difference.lengths[1]}.`),
    h(RangeBar, { group }),
    columns.length > 0 && h("h3", null, "How far they are apart ", h("span", { class: "unit" }, "mean difference over the agents")),
    h("div", { class: "charts" }, columns.map((name, i) => h(Chart, {
      key: name, title: infoOf(name)?.title ?? readable(name), unit: infoOf(name)?.unit, timeline: apart, group,
      series: [{ name, title: "distance", color: i % 6 }],
    }))),
    names.length > 0 && h("h3", null, "Both populations"),
    h("div", { class: "charts" }, names.map((name) => h(Chart, {
      key: name, title: readable(name), timeline: both, group,
      series: [
        { name: `a.${name}`, title: difference.runs[0], color: 0 },
        { name: `b.${name}`, title: difference.runs[1], color: 1, dash: true },
      ],
    }))));
}

/** @param {any} value @param {ColumnInfo | undefined} column */
function told(value, column) {
  if (value === null) return "nothing";
  if (typeof value === "string") return value;
  return column ? valueOf(value, column) : number(value);
}
