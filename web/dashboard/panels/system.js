// @ts-check
/** Panel 3: what the machine, the server and its actors do. */
import { Chart } from "../charts/chart.js";
import { metrics } from "../stage.js";
import { h } from "../vendor/preact/preact.js";
import { ActorTree } from "./actor_tree.js";
import { Feed } from "./feed.js";
import { bytes, grouped, number, short, tenths } from "./format.js";
import { seconds, useTimeline } from "./live.js";
import { flat } from "./measures.js";
import { RangeBar } from "./ranges.js";

/** @typedef {import("../charts/plot.js").Series} Series */

/**
 * @typedef {{title: string, unit?: string, series: Series[], floor?: number, binary?: boolean,
 *   format?: (value: unknown) => string}} Described
 */

/** @type {Record<string, string>} */
const TITLES = {
  process: "server", lag_p50: "p50", lag_p99: "p99", lag_max: "max", rss: "resident", out_per_s: "out",
  in_per_s: "in", bytes_out_per_s: "out", bytes_in_per_s: "in", bytes: "all", most: "slowest",
};

/** @type {Described[]} */
const CHARTS = [
  { title: "CPU", unit: "%", floor: 10, format: tenths, series: lines("cpu", ["process", "machine"]) },
  { title: "Event loop lag", unit: "ms", floor: 1, series: lines("loop", ["lag_p50", "lag_p99", "lag_max"]) },
  { title: "Memory of the server", binary: true, series: lines("memory", ["rss"]) },
  { title: "Messages", unit: "per second", floor: 5, format: tenths, series: lines("messages", ["out_per_s", "in_per_s"]) },
  { title: "Traffic per second", binary: true, floor: 4096, series: lines("messages", ["bytes_out_per_s", "bytes_in_per_s"]) },
  { title: "Connections", floor: 5, series: lines("connections", ["open", "viewers"]) },
  { title: "Waiting to be sent", binary: true, floor: 4096, series: lines("queues", ["bytes", "most"]) },
  { title: "Dropped", unit: "since the start", floor: 1, series: lines("drops", ["conflated", "dead_letters", "slow_consumers"]) },
  { title: "File descriptors", floor: 10, series: lines("descriptors", ["open"]) },
];

/** @param {string} part of the metrics @param {string[]} names @returns {Series[]} */
function lines(part, names) {
  return names.map((name, color) => (
    { name: `${part}.${name}`, title: TITLES[name] ?? name.replaceAll("_", " "), color }));
}

export function SystemPanel() {
  const timeline = useTimeline("system.metrics", flat, { max_hz: 2 });
  const newest = metrics.value;
  return h("div", { class: "panel-system" },
    h(RangeBar, { group: seconds }),
    newest && h(Facts, { newest }),
    h("div", { class: "charts" }, CHARTS.map((chart) => h(Chart, { ...chart, key: chart.title, timeline, group: seconds }))),
    newest && h(Workers, { workers: newest.workers ?? {} }),
    h(ActorTree, null),
    h("div", { class: "side-by-side" }, h(Feed, null), newest && h(Closes, { closes: newest.closes ?? {} })));
}

/** @param {{newest: Record<string, any>}} facts */
function Facts({ newest }) {
  const { memory, descriptors, connections, runs, actors } = newest;
  /** @type {[string, string][]} */
  const facts = [
    ["Machine's memory", `${bytes(memory?.machine_used)} of ${bytes(memory?.machine_total)}`],
    ["File descriptors", `${number(descriptors?.open)} of ${number(descriptors?.limit)}`],
    ["Connections ever", `${number(connections?.total)}, ${number(connections?.refused)} refused`],
    ["Runs", `${number(runs?.running)} running of ${number(runs?.total)}`],
    ["Actors", number(actors)],
  ];
  return h("dl", { class: "figures" }, facts.map(([title, text]) => h("div", { key: title },
    h("dt", null, title), h("dd", null, text))));
}

/** @param {{workers: Record<string, any>}} workers */
function Workers({ workers }) {
  const names = Object.keys(workers);
  const titles = ["Run", "State", "Process", "CPU %", "Memory", "Tick", "Restarts", "Last answer"];
  return h("section", { class: "block", "aria-label": "Worker processes" },
    h("h3", null, "Worker processes"),
    names.length === 0 && h("p", { class: "quiet" }, "No run has a worker now."),
    names.length > 0 && h("div", { class: "rows", tabIndex: 0 }, h("table", null,
      h("thead", null, h("tr", null, titles.map((title) => h("th", {
        key: title, scope: "col", class: title === "State" ? "words" : "",
      }, title)))),
      h("tbody", null, names.map((name) => h(Worker, { key: name, name, worker: workers[name] }))))));
}

/** @param {{name: string, worker: any}} row */
function Worker({ name, worker }) {
  return h("tr", null,
    h("th", { scope: "row" }, name),
    h("td", { class: "words" }, worker.state ?? "–"),
    h("td", null, worker.pid ?? "–"),
    h("td", null, tenths(worker.cpu)),
    h("td", null, bytes(worker.rss)),
    h("td", null, number(worker.tick)),
    h("td", { class: worker.restarts > 0 ? "warn" : "" }, number(worker.restarts)),
    h("td", null, typeof worker.alive === "number" ? `${short(worker.alive)} s ago` : "–"));
}

// What the codes that the server uses mean; others stand alone.
/** @type {Record<string, string>} */
const CODES = {
  1000: "normal", 1001: "going away", 1002: "protocol error", 1006: "broken off", 1007: "not UTF-8",
  1008: "policy", 1009: "message too large", 1011: "server error", 1013: "try again later",
};

/** @param {{closes: Record<string, number>}} closes */
function Closes({ closes }) {
  const codes = Object.keys(closes).sort();
  return h("section", { class: "block", "aria-label": "Closed connections" },
    h("h3", null, "Closed connections by code"),
    codes.length === 0 && h("p", { class: "quiet" }, "None yet."),
    codes.length > 0 && h("table", null, h("tbody", null, codes.map((code) => h("tr", { key: code },
      h("th", { scope: "row" }, code),
      h("td", { class: "words" }, CODES[code] ?? ""),
      h("td", null, grouped(closes[code])))))));
}
