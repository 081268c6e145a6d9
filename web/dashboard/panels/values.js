// @ts-check
/** What is known of one agent at a tick, as a table. */
import { h } from "../vendor/preact/preact.js";
import { identityOf, rowOf } from "../world/identity.js";
import { grouped, number, numbers, valueOf } from "./format.js";

/** @typedef {import("../watching.js").Run} Run */

/** @param {{current: Run, tick: number, state: Record<string, any>}} values */
export function Values({ current, tick, state }) {
  const columns = new Map(current.columns.map((column) => [column.name, column]));
  return h("table", { class: "values" },
    h("caption", null, `State at tick ${grouped(tick)}`),
    h("tbody", null, Object.entries(state).map(([name, value]) => {
      const column = columns.get(name);
      return h("tr", { key: name },
        h("th", { scope: "row" }, column?.title ?? name.replaceAll("_", " ")),
        h("td", null, column ? valueOf(value, column) : plain(value),
          column?.unit && h("span", { class: "unit" }, ` ${column.unit}`)));
    })));
}

/** The same of a frame with all agents. @param {{current: Run, agent: number, tick: number, data: Record<string, any>}} of */
export function ValuesOfFrame({ current, agent, tick, data }) {
  const state = stateIn(data, current.columns, agent);
  return state ? h("div", { class: "known" }, h(Values, { current, tick, state }))
    : h("p", { class: "quiet" }, `Agent ${agent} is not there at tick ${grouped(tick)}: it came later, or is gone.`);
}

/**
 * An agent's columns; null where it is not in the frame. Pure.
 * @param {Record<string, any>} data
 * @param {Run["columns"]} columns
 * @param {number} agent
 */
export function stateIn(data, columns, agent) {
  const identity = identityOf(columns);
  const row = rowOf(identity === null ? null : numbers(data[identity]), agent);
  const there = columns.filter(({ name }) => row >= 0 && row < (numbers(data[name])?.length ?? 0));
  return there.length ? Object.fromEntries(there.map(({ name }) => [name, numbers(data[name])?.[row]])) : null;
}

/** What a scenario adds in its own words. @param {unknown} value @returns {string} */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (value && typeof value === "object") {
    return Object.entries(value).map(([name, held]) => `${name} ${plain(held)}`).join(", ");
  }
  return typeof value === "string" ? value : number(value);
}
