// @ts-check
/** One agent: its state now and what it did last. */
import { late } from "../late.js";
import { pickedAgent, run, useQuery, useTopic } from "../stage.js";
import { steerable } from "../steering.js";
import { looked, past } from "../time/past.js";
import { useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { identityOf } from "../world/identity.js";
import { AgentPicker } from "./agent_picker.js";
import { isChangeable } from "./changes.js";
import { grouped, number } from "./format.js";
import { merged } from "./recent.js";
import { Values, ValuesOfFrame } from "./values.js";

/** @typedef {import("../watching.js").Run} Run */
/** @typedef {import("./recent.js").Act} Act */
/** @typedef {{tick: number, state: Record<string, any>, acts: Act[]}} Known */

const HZ = 5;
const ChangeForm = late(async () => (await import("./change.js")).ChangeForm);

export function Inspector() {
  const current = run.value;
  const agent = pickedAgent.value;
  if (!current) return null;
  return h("section", { class: "inspector", "aria-label": "Picked agent" },
    h(AgentPicker, null),
    isChangeable(current) && h(Change, { key: current.run, current, agent }),
    agent === null
      ? h("p", { class: "quiet" }, "Pick an agent in the world or in the table to see its state and its last actions.")
      : h(Shown, { current, agent, key: `${current.run} ${agent}` }));
}

/** @param {{current: Run, agent: number | null}} change */
function Change({ current, agent }) {
  const [open, setOpen] = useState(false);
  const text = open ? "Close" : "Change…";
  const isPast = looked.value !== null;
  return h("div", { class: "change" },
    h("button", {
      type: "button", class: "quiet", "aria-expanded": String(open), disabled: !steerable.value || (!open && isPast),
      title: isPast ? "Changes what comes, so go back to live first" : "Changes it before the next tick", onClick: () => setOpen(!open),
    }, text),
    open && h(ChangeForm, { current, agent, onDone: () => setOpen(false) }));
}

/** @param {{current: Run, agent: number}} shown */
function Shown({ current, agent }) {
  if (looked.value !== null) {
    return past.value ? h(ValuesOfFrame, { current, agent, ...past.value }) : h("p", { class: "quiet" }, "Reading the record…");
  }
  return h(identityOf(current.columns) === null ? State : Passing, { current, agent });
}

/** Of agents that come and go there is only what the frames have. @param {{current: Run, agent: number}} passing */
function Passing({ current, agent }) {
  const [frame, setFrame] = useState(/** @type {{tick: number, data: Record<string, any>} | null} */ (null));
  const topic = `run.${current.run}.agents`;
  const take = (/** @type {any} */ { tick, offset, data }) => setFrame({ tick: tick ?? offset, data });
  useTopic(topic, { mode: "latest", max_hz: HZ }, take);
  useQuery("history", { topic, limit: 1 }, { onResult: ({ events }) => { if (events.length && !frame) take(events[0]); } });
  return frame ? h(ValuesOfFrame, { current, agent, ...frame }) : h("p", { class: "quiet" }, "Comes with the next tick.");
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
  return h("div", { class: "known" }, h(Values, { current, tick: known.tick, state: known.state }),
    acts(current) && h(Acts, { acts: known.acts }));
}

/** Whether the agents do something that is told. @param {Run} current */
function acts({ columns }) {
  return columns.some(({ name }) => name === "action" || name === "reward");
}

/** @param {number} at @param {Record<string, any>} state @param {Run} current @returns {Act} */
function actOf(at, state, current) {
  const label = current.model?.actions[state.action] ?? state.action;
  return { tick: at, action: label, reward: state.reward };
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
