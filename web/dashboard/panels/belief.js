// @ts-check
/** Panel 2: what the picked agent believes and why it acts so, and how sure the population is. */
import { Chart } from "../charts/chart.js";
import { pick, pickedAgent, run, useQuery, useTopic } from "../stage.js";
import { useEffect, useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { BeliefHeat } from "./belief_heat.js";
import { FactorView } from "./factors.js";
import { grouped, numbers, thousandths } from "./format.js";
import { AgentPicker } from "./inspector.js";
import { ticks, useTimeline } from "./live.js";
import { Outcomes } from "./outcomes.js";
import { Policies } from "./policies.js";
import { PopulationCharts } from "./population.js";
import { RangeBar } from "./ranges.js";

/** @typedef {import("../watching.js").Run} Run */
/** @typedef {import("../watching.js").ModelInfo} ModelInfo */

const HZ = 8;
const PAST = 120; // belief events are large

const FIGURES = /** @type {const} */ ([
  ["entropy", "Entropy"], ["surprise", "Surprise"], ["free_energy", "Free energy"],
  ["complexity", "Complexity"], ["accuracy", "Accuracy"],
]);

let suggested = false;

/** @param {{compact?: boolean}} panel  `compact`: only what the picked agent thinks now */
export function BeliefPanel({ compact = false }) {
  const current = run.value;
  useEffect(() => {
    // The first look at the page shows a mind at work, not a request to pick one.
    if (suggested || !compact || !current?.model) return;
    suggested = true;
    if (pickedAgent.peek() === null) pick(0);
  }, [current?.run]);
  if (!current) return h("p", { class: "quiet" }, "No run is chosen.");
  if (compact) return h("div", { class: "panel-belief compact" }, h(OneAgent, { current, compact }));
  return h("div", { class: "panel-belief" },
    h(RangeBar, { group: ticks }),
    h(OneAgent, { current, compact }),
    h("h3", null, "Population"),
    h(PopulationCharts, { ranges: false }));
}

/** @param {{current: Run, compact: boolean}} one */
function OneAgent({ current, compact }) {
  const agent = pickedAgent.value;
  if (!current.model) {
    return h("p", { class: "quiet" }, `${current.title} has agents without beliefs, so there is nothing to show of one.`);
  }
  return h("section", { "aria-label": "Belief of the picked agent" },
    h(AgentPicker, { agents: current.agents }),
    agent === null
      ? h("p", { class: "quiet" }, "Pick an agent, here or in the world, to see what it believes and why it acts.")
      : h(Belief, { current, model: current.model, agent, compact, key: `${current.run} ${agent}` }));
}

/** What is kept of a belief event for the charts. @param {any} data */
function kept(data) {
  const belief = Object.entries(data.belief ?? {}).map(([name, packed]) => [name, numbers(packed)]);
  const { entropy, surprise, free_energy, complexity, accuracy } = data;
  return { entropy, surprise, free_energy, complexity, accuracy, belief: Object.fromEntries(belief) };
}

/** @param {{current: Run, model: ModelInfo, agent: number, compact: boolean}} one */
function Belief({ current, model, agent, compact }) {
  const newest = useNewest(current, agent);
  if (newest.error) return h("p", { class: "error" }, newest.error);
  const belief = newest.data;
  if (!belief) return h("p", { class: "quiet" }, "Asking…");
  return h("div", { class: "belief" },
    h(Figures, { belief, tick: newest.tick }),
    h("div", { class: "factors" }, model.factors.map((factor) => h(FactorView, { key: factor.name, factor, belief }))),
    h("div", { class: "reasons" },
      h(Policies, {
        policies: belief.policies ?? [],
        total: belief.policies_total ?? model.policies,
        action: belief.action,
        tie: Boolean(belief.tie),
        few: compact ? 5 : 8,
      }),
      h(Outcomes, { modalities: model.modalities, belief })),
    !compact && h(OverTime, { current, model, agent }));
}

/**
 * The newest belief: what flows, and what is answered where nothing does.
 * @param {Run} current
 * @param {number} agent
 */
function useNewest(current, agent) {
  const [newest, setNewest] = useState({ tick: -1, data: /** @type {any} */ (null) });
  const [error, setError] = useState(/** @type {string | null} */ (null));
  const take = (/** @type {number} */ tick, /** @type {any} */ data) => {
    setNewest((before) => (tick >= before.tick ? { tick, data } : before));
  };
  useQuery("belief.get", { run: current.run, agent: String(agent) }, {
    onResult: (result) => take(result.tick, result),
    onError: (problem) => setError(problem.message),
  });
  useTopic(`run.${current.run}.belief.${agent}`, { mode: "latest", max_hz: HZ },
    (event) => take(event.tick ?? event.offset, event.data));
  return { ...newest, error: newest.data ? null : error };
}

/** @param {{belief: any, tick: number}} figures */
function Figures({ belief, tick }) {
  return h("dl", { class: "figures" },
    h("div", null, h("dt", null, "Tick"), h("dd", null, grouped(tick))),
    FIGURES.filter(([name]) => belief[name] !== undefined).map(([name, title]) => h("div", { key: name },
      h("dt", null, title), h("dd", null, thousandths(belief[name]), h("span", { class: "unit" }, " nats")))));
}

/** @param {{current: Run, model: ModelInfo, agent: number}} over */
function OverTime({ current, model, agent }) {
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
