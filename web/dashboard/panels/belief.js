// @ts-check
/** Panel 2: what the picked agent believes and why it acts so, and how sure the population is. */
import { late } from "../late.js";
import { mayControl, pick, pickedAgent, run, useQuery, useTopic } from "../stage.js";
import { looked, past } from "../time/past.js";
import { useEffect, useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { AgentPicker } from "./agent_picker.js";
import { FactorView } from "./factors.js";
import { grouped, thousandths } from "./format.js";
import { ticks } from "./live.js";
import { Outcomes } from "./outcomes.js";
import { Policies } from "./policies.js";
import { PopulationCharts } from "./population.js";
import { ValuesOfFrame } from "./values.js";

/** @typedef {import("../watching.js").Run} Run */
/** @typedef {import("../watching.js").ModelInfo} ModelInfo */

const HZ = 8;
const OverTime = late(async () => (await import("./over_time.js")).OverTime);
const Inspector = late(async () => (await import("./inspector.js")).Inspector);
const RangeBar = late(async () => (await import("./ranges.js")).RangeBar);

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
    h(PopulationCharts, null));
}

/** @param {{current: Run, compact: boolean}} one */
function OneAgent({ current, compact }) {
  const agent = pickedAgent.value;
  if (!current.model) {
    return [h("p", { class: "quiet", key: "none" }, `${current.title} has agents without beliefs.`), compact && h(Inspector, { key: "one" })];
  }
  return h("section", { "aria-label": "Belief of the picked agent" },
    h(AgentPicker, null),
    agent === null
      ? h("p", { class: "quiet" }, "Pick an agent, here or in the world, to see what it believes and why it acts.")
      : looked.value !== null ? h(Then, { current, agent, at: looked.value })
      : h(Belief, { current, model: current.model, agent, compact, key: `${current.run} ${agent}` }));
}

/** Of a tick that is past the record has what all agents show, and a replay the rest.
 * @param {{current: Run, agent: number, at: number}} then */
function Then({ current, agent, at }) {
  return h("div", { class: "then" },
    past.value && h(ValuesOfFrame, { current, agent, ...past.value }),
    h("p", { class: "quiet" }, "What it believed then, a replay shows. ",
      h("button", { type: "button", class: "link", disabled: !mayControl.value, onClick: () => replay(at) }, "Play from here")));
}

/** @param {number} tick */
async function replay(tick) {
  (await import("../time/travel.js")).replayFrom(tick);
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
  const [newest, setNewest] = useState({ tick: -1, epoch: "", data: /** @type {any} */ (null) });
  const [error, setError] = useState(/** @type {string | null} */ (null));
  const take = (/** @type {number} */ tick, /** @type {any} */ data, epoch = "") => {
    // A replay that went to another tick numbers anew.
    setNewest((before) => (tick >= before.tick || (epoch && epoch !== before.epoch) ? { tick, data, epoch: epoch || before.epoch } : before));
  };
  useQuery("belief.get", { run: current.run, agent: String(agent) }, {
    onResult: (result) => take(result.tick, result),
    onError: (problem) => setError(problem.message),
  });
  useTopic(`run.${current.run}.belief.${agent}`, { mode: "latest", max_hz: HZ },
    (event) => take(event.tick ?? event.offset, event.data, event.epoch));
  return { ...newest, error: newest.data ? null : error };
}

/** @param {{belief: any, tick: number}} figures */
function Figures({ belief, tick }) {
  return h("dl", { class: "figures" },
    h("div", null, h("dt", null, "Tick"), h("dd", null, grouped(tick))),
    FIGURES.filter(([name]) => belief[name] !== undefined).map(([name, title]) => h("div", { key: name },
      h("dt", null, title), h("dd", null, thousandths(belief[name]), h("span", { class: "unit" }, " nats")))));
}
