// @ts-check
/** One agent: its state now and what it did last. */
import { pick, pickedAgent, run, useQuery, useTopic } from "../stage.js";
import { useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { grouped, number, valueOf } from "./format.js";
import { merged } from "./recent.js";

/** @typedef {import("../watching.js").Run} Run */
/** @typedef {import("./recent.js").Act} Act */
/** @typedef {{tick: number, state: Record<string, any>, acts: Act[]}} Known */

const HZ = 5;

export function Inspector() {
  const current = run.value;
  const agent = pickedAgent.value;
  if (!current) return null;
  return h("section", { class: "inspector", "aria-label": "Picked agent" },
    h(AgentPicker, { agents: current.agents }),
    agent === null
      ? h("p", { class: "quiet" }, "Pick an agent in the world or in the table to see its state and its last actions.")
      : h(State, { current, agent, key: `${current.run} ${agent}` }));
}

/** Another agent by its number. @param {{agents: number}} picker */
export function AgentPicker({ agents }) {
  const agent = pickedAgent.value;
  const step = (/** @type {number} */ by) => pick(((agent ?? (by > 0 ? -1 : 0)) + by + agents) % agents);
  const typed = (/** @type {Event} */ event) => {
    const { value } = /** @type {HTMLInputElement} */ (event.currentTarget);
    if (value !== "" && Number(value) < agents) pick(Number(value));
  };
  if (!agents) return null;
  return h("div", { class: "picker" },
    h("label", null, "Agent ", h("input", {
      type: "number", min: 0, max: agents - 1, value: agent ?? "", placeholder: "none", onChange: typed,
    })),
    h("button", { type: "button", "aria-label": "Previous agent", onClick: () => step(-1) }, "‹"),
    h("button", { type: "button", "aria-label": "Next agent", onClick: () => step(1) }, "›"),
    agent !== null && h("button", { type: "button", onClick: () => pick(null) }, "Let go"));
}

/** @param {{current: Run, agent: number}} state */
function State({ current, agent }) {
  const [known, setKnown] = useState(/** @type {Known | null} */ (null));
  const [error, setError] = useState(/** @type {string | null} */ (null));
  useQuery("agent.get", { run: current.run, agent: String(agent) }, {
    onResult: (result) => {
      setKnown((now) => (now && now.tick > result.tick
        ? { ...now, acts: merged(result.history, now.acts) }
        : { tick: result.tick, state: result.state, acts: merged(now?.acts ?? [], result.history) }));
      setError(null);
    },
    onError: (problem) => setError(problem.message),
  });
  useTopic(`run.${current.run}.agent.${agent}`, { mode: "latest", max_hz: HZ }, (event) => {
    const at = event.tick ?? event.offset;
    setKnown((now) => ({ tick: at, state: event.data, acts: merged(now?.acts ?? [], [actOf(at, event.data, current)]) }));
  });
  if (error && !known) return h("p", { class: "error" }, error);
  if (!known) return h("p", { class: "quiet" }, "Asking…");
  return h("div", { class: "known" }, h(Values, { current, known }), h(Acts, { acts: known.acts }));
}

/** @param {number} at @param {Record<string, any>} state @param {Run} current @returns {Act} */
function actOf(at, state, current) {
  const label = current.model?.actions[state.action] ?? state.action;
  return { tick: at, action: label, reward: state.reward };
}

/** @param {{current: Run, known: Known}} values */
function Values({ current, known }) {
  const columns = new Map(current.columns.map((column) => [column.name, column]));
  return h("table", { class: "values" },
    h("caption", null, `State at tick ${grouped(known.tick)}`),
    h("tbody", null, Object.entries(known.state).map(([name, value]) => {
      const column = columns.get(name);
      return h("tr", { key: name },
        h("th", { scope: "row" }, column?.title ?? name.replaceAll("_", " ")),
        h("td", null, column ? valueOf(value, column) : plain(value),
          column?.unit && h("span", { class: "unit" }, ` ${column.unit}`)));
    })));
}

/** What a scenario adds in its own words. @param {unknown} value @returns {string} */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (value && typeof value === "object") {
    return Object.entries(value).map(([name, held]) => `${name} ${plain(held)}`).join(", ");
  }
  return typeof value === "string" ? value : number(value);
}

/** @param {{acts: Act[]}} acts */
function Acts({ acts }) {
  return h("table", { class: "acts" },
    h("caption", null, "Last actions"),
    h("thead", null, h("tr", null, ["Tick", "Action", "Reward"].map((title) => h("th", { key: title, scope: "col" }, title)))),
    h("tbody", null, [...acts].reverse().map((act) => h("tr", { key: act.tick },
      h("th", { scope: "row" }, grouped(act.tick)),
      h("td", null, String(act.action ?? "–")),
      h("td", null, act.reward === undefined ? "–" : number(act.reward))))));
}
