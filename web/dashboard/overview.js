// @ts-check
/** The first screen: the world, the mind of one of its agents, and all of them over time. */
import { h } from "./vendor/preact/preact.js";
import { BeliefPanel } from "./panels/belief.js";
import { PopulationCharts } from "./panels/population.js";
import { WorldView } from "./panels/world_view.js";

export function Overview() {
  return h("div", { class: "overview" },
    h("div", { class: "stage" }, h(WorldView, null)),
    h("aside", { class: "mind", "aria-label": "Belief of the picked agent" }, h(BeliefPanel, { compact: true })),
    h("div", { class: "measures" }, h(PopulationCharts, null)));
}
