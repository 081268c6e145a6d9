// @ts-check
/** The population over time: what every run's ticks say of all its agents. */
import { Chart } from "../charts/chart.js";
import { run } from "../stage.js";
import { h } from "../vendor/preact/preact.js";
import { ticks, useTimeline } from "./live.js";
import { described, figures } from "./measures.js";
import { RangeBar } from "./ranges.js";

/** @param {{ranges?: boolean}} options */
export function PopulationCharts({ ranges = true }) {
  const current = run.value;
  const timeline = useTimeline(current && `run.${current.run}.tick`, figures);
  const names = Object.keys(timeline.last ?? {});
  if (!current) return null;
  return h("section", { class: "population", "aria-label": "Population over time" },
    ranges && h(RangeBar, { group: ticks }),
    names.length === 0 && h("p", { class: "quiet" }, "The charts begin with the first tick."),
    h("div", { class: "charts" }, described(names).map((chart) => h(Chart, {
      ...chart, key: chart.title, timeline, group: ticks,
    }))));
}
