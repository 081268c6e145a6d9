// @ts-check
/** The population over time: what every run's ticks say of all its agents. */
import { Chart } from "../charts/chart.js";
import { run } from "../stage.js";
import { h } from "../vendor/preact/preact.js";
import { ticks, usePast, useTimeline } from "./live.js";
import { described, figures } from "./measures.js";

export function PopulationCharts() {
  const current = run.value;
  const topic = current && `run.${current.replay?.run ?? current.run}.tick`;
  const timeline = useTimeline(topic, figures);
  usePast(topic, timeline);
  const names = Object.keys(timeline.last ?? {});
  if (!current) return null;
  return h("section", { class: "population", "aria-label": "Population over time" },
    names.length === 0 && h("p", { class: "quiet" }, "The charts begin with the first tick."),
    h("div", { class: "charts" }, described(names).map((chart) => h(Chart, {
      ...chart, key: chart.title, timeline, group: ticks,
    }))));
}
