// @ts-check
/** A change that somebody made to agents, in words. Pure. */
import { number } from "../panels/format.js";

/** @type {Record<string, (value: any) => string>} */
const WORDS = {
  observation: (value) => `next observation ${pairs(value)}`,
  belief: (value) => `belief ${pairs(value)}`,
  reset: () => "belief reset",
  precision: (value) => `precision ${number(value)}`,
  preferences: (value) => `preferences ${Object.keys(value).map(readable).join(", ")}`,
  move: (value) => `moved to ${value}`,
  stop: () => "stopped",
  restart: () => "restarted",
  cut: (value) => `edge to agent ${value} cut`,
  add: (value) => `edge to agent ${value} added`,
};

/** @param {{agent: number | null, change: Record<string, any>, by?: string}} data */
export function changeTold({ agent, change, by }) {
  const who = agent === null || agent === undefined ? "all agents" : `agent ${agent}`;
  const what = Object.entries(change ?? {}).map(([kind, value]) => WORDS[kind]?.(value) ?? kind);
  return `${who}, ${what.join(", ")}${by ? `, by ${by}` : ""}`;
}

/** @param {Record<string, any>} value */
function pairs(value) {
  return Object.entries(value).map(([name, held]) => (
    `${readable(name)} = ${Array.isArray(held) ? held.map((part) => number(part)).join(" ") : held}`)).join(", ");
}

/** @param {string} name */
function readable(name) {
  return name.replaceAll("_", " ");
}
