// @ts-check
/** What the picked agent believed so far. */
import { Chart } from "../charts/chart.js";
import { h } from "../vendor/preact/preact.js";
import { BeliefHeat } from "./belief_heat.js";
import { numbers } from "./format.js";
import { ticks, useTimeline } from "./live.js";

const HZ = 8;
const PAST = 120; // belief events are large

/** What is kept of a belief event for the charts. @param {any} data */
function kept(data) {
  const belief = Object.entries(data.belief ?? {}).map(([name, packed]) => [name, numbers(packed)]);
  const { entropy, surprise, free_energy, complexity, accuracy } = data;
  return { entropy, surprise, free_energy, complexity, accuracy, belief: Object.fromEntries(belief) };
}

/** @param {{current: import("../watching.js").Run, model: import("../watching.js").ModelInfo, agent: number}} over */
export function OverTime({ current, model, agent }) {
  const timeline = useTimeline(`run.${current.run}.belief.${agent}`, kept, { max_hz: HZ, past: PAST });
  return [h("div", { class: "charts", key: "charts" },
    h(Chart, {
      title: "Entropy of its belief", unit: "nats", timeline, group: ticks,
      series: [{ name: "entropy", title: "entropy", color: 0 }],
    }),
    h(Chart, {
      title: "Its surprise and free energy", unit: "nats", timeline, group: ticks,
      series: [
        { name: "surprise", title: "surprise", color: 2 },
        { name: "free_energy", title: "free energy", color: 3, dash: true },
      ],
    })),
  h("div", { class: "charts heats", key: "heats" },
    model.factors.map((factor) => h(BeliefHeat, { key: factor.name, factor, timeline })))];
}
