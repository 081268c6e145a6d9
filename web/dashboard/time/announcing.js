// @ts-check
/** Notices of what happens in the chosen run: a breakpoint that is met, a change by somebody. */
import { h } from "../vendor/preact/preact.js";
import { effect, untracked } from "../vendor/signals/signals.js";
import { client } from "../connection.js";
import { pick } from "../location.js";
import { notify } from "../notices.js";
import { grouped, numbers } from "../panels/format.js";
import { run } from "../watching.js";
import { identityOf } from "../world/identity.js";
import { happened } from "./happenings.js";
import { told } from "./markers.js";

const MOST = 8; // agents that a notice names

effect(() => {
  const newest = happened.value;
  if (newest) untracked(() => announce(newest));
});

/** @param {import("./markers.js").Happening} happening */
function announce(happening) {
  const { kind, tick, data } = happening;
  if (kind === "perturbation") notify(told(happening), "done");
  else if (kind !== "breakpoint" || data.reason) notify(told(happening));
  else {
    const { condition, agents = [], count = agents.length } = data;
    const whom = count ? `, by ${count === 1 ? "one agent" : `${grouped(count)} agents`}` : "";
    notify(`Paused at tick ${grouped(tick)}: ${condition} is met${whom}.`, "met", {
      stays: true, more: count > 0 && h(Met, { agents, count, tick }),
    });
  }
}

/** The agents that met it, each picked by a press. @param {{agents: number[], count: number, tick: number}} props */
function Met({ agents, count, tick }) {
  const shown = agents.slice(0, MOST);
  return h("div", { class: "those" },
    shown.map((row) => h("button", {
      key: row, type: "button", class: "chip", "aria-label": `Pick agent ${row}`, onClick: () => pickRow(row, tick),
    }, String(row))),
    count > shown.length && h("span", { class: "unit" }, `and ${grouped(count - shown.length)} more`));
}

/** Agents that come and go are named by their row at that tick. @param {number} row @param {number} tick */
async function pickRow(row, tick) {
  const current = run.peek();
  const identity = current && identityOf(current.columns);
  if (!current || !identity) {
    pick(row);
    return;
  }
  const { events } = await client.query("history", { topic: `run.${current.run}.agents`, from: tick, to: tick, limit: 1 })
    .catch(() => ({ events: [] }));
  const agent = numbers(events[0]?.data[identity])?.[row];
  if (agent !== undefined) pick(agent);
}
