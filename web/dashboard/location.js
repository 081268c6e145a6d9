// @ts-check
/**
 * The page's state that lives in its address, so that a link shows the same: each a signal.
 *
 * /?panel=belief&run=foragers-1&agent=17&theme=light
 */
import { effect, signal } from "./vendor/signals/signals.js";

/** @type {Map<string, {value: import("./vendor/signals/signals.js").Signal<string | null>, place: boolean}>} */
const parts = new Map();
let reading = false;

/**
 * A part of the address as a signal; null when it is not there.
 * @param {string} name
 * @param {{place?: boolean}} [options] place: a change of it is a step that the Back key undoes
 */
export function part(name, { place = false } = {}) {
  const known = parts.get(name);
  if (known) return known.value;
  const value = signal(/** @type {string | null} */ (read().get(name)));
  parts.set(name, { value, place });
  let before = value.value;
  effect(() => {
    const now = value.value;
    if (now === before) return;
    const begun = before === null;
    before = now;
    // The first choice is the page's own; Back should not lead to "nothing chosen".
    if (!reading) write(name, now, place && !begun);
  });
  return value;
}

function read() {
  return new URLSearchParams(window.location.search);
}

/** @param {string} name @param {string | null} value @param {boolean} step */
function write(name, value, step) {
  const url = new URL(window.location.href);
  if (value === null || value === "") url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  if (step) history.pushState(null, "", url);
  else history.replaceState(null, "", url);
}

window.addEventListener("popstate", () => {
  const found = read();
  reading = true;
  for (const [name, { value }] of parts) value.value = found.get(name);
  reading = false;
});

/** overview, agents, belief, system, console or runs; null is the overview. */
export const panel = part("panel", { place: true });
export const runName = part("run", { place: true });
const agentPart = part("agent");

/** The agent picked anywhere, as its number; null when none is. */
export const pickedAgent = signal(agentNumber(agentPart.value));
effect(() => { pickedAgent.value = agentNumber(agentPart.value); });

/** @param {number | null} agent */
export function pick(agent) {
  agentPart.value = agent === null ? null : String(agent);
}

/** @param {string | null} text */
function agentNumber(text) {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
