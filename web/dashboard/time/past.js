// @ts-check
/**
 * Which tick of the recording is looked at. The run goes on meanwhile; only what is shown stands
 * still. A replay has no past of its own: there the run itself is sent to the tick.
 */
import { computed, effect, signal, untracked } from "../vendor/signals/signals.js";
import { part, runName } from "../location.js";
import { notify } from "../notices.js";
import { run, runs, tick } from "../watching.js";

const SETTLES = 300; // milliseconds after which a tick that is looked at is written to the address
const inAddress = part("t");

/** The tick that is looked at; null: what comes. */
export const looked = signal(tickOf(inAddress.value));
/** What the agents were then; of the tick before while it is being read. */
export const past = signal(/** @type {{tick: number, data: Record<string, any>} | null} */ (null));
/** Where a replay was sent, until it is there. */
const sought = signal(/** @type {number | null} */ (null));

/** The first and the last tick that can be looked at; null where there is none. */
export const span = computed(() => {
  const current = run.value;
  if (!current) return null;
  const newest = Math.max(tick.value?.tick ?? 0, current.tick);
  if (current.replay) {
    const { run: source, first, last } = current.replay;
    const grown = runs.value?.find((one) => one.run === source)?.tick ?? 0;
    return { first, last: Math.max(last, grown, newest) };
  }
  const first = 1 + (current.parent?.tick ?? 0);
  return newest >= first ? { first, last: newest } : null;
});
/** The tick that is shown. */
export const shownTick = computed(() => (
  sought.value ?? looked.value ?? tick.value?.tick ?? run.value?.tick ?? null));

/** @type {import("./reading.js").Reading | null} */
let reading = null;

/** Look at a tick of the recording; the last one is what comes. @param {number} wanted */
export function lookAt(wanted) {
  const [current, between] = [run.peek(), span.peek()];
  if (!current || !between) return;
  const at = Math.min(between.last, Math.max(between.first, Math.round(wanted)));
  if (current.replay) {
    sought.value = at;
    seek(current.run, at);
  } else if (at >= between.last) goLive();
  else looked.value = at;
}

/** Back to what comes; from a replay, to the run that it shows again. */
export function goLive() {
  const again = run.peek()?.replay;
  looked.value = null;
  if (again) runName.value = again.run;
}

/** Look some ticks back or ahead. @param {number} by */
export function look(by) {
  const at = shownTick.peek();
  if (at !== null) lookAt(at + by);
}

/** @param {string} name @param {number} at */
async function seek(name, at) {
  const { seekTo } = await import("./reading.js");
  seekTo({ run: name, tick: at }, (done) => { if (sought.peek() === done) sought.value = null; });
}

/** @param {string | null} text */
function tickOf(text) {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : null;
}

// Another run has another past.
let chosen = runName.peek();
effect(() => {
  const name = runName.value;
  if (name === chosen) return;
  // The first choice is the page's own, for an address that names a tick and no run.
  const begun = chosen === null;
  chosen = name;
  untracked(() => {
    reading?.forget();
    sought.value = null;
    past.value = null;
    if (!begun) looked.value = null;
  });
});

effect(() => {
  const [at, current] = [looked.value, run.value?.run];
  if (at === null || current === undefined) {
    reading?.forget();
    past.value = null;
    return;
  }
  untracked(() => read(at));
});

/** @param {number} at */
async function read(at) {
  const { readings } = await import("./reading.js");
  const current = run.peek();
  if (!current || looked.peek() !== at) return;
  reading = readings(current);
  reading.want(at, (found, data) => {
    if (data) past.value = { tick: found, data };
    else notify(`The record has no agents of tick ${found}.`);
  });
}

effect(() => {
  const at = looked.value;
  const timer = setTimeout(() => { inAddress.value = at === null ? null : String(at); }, SETTLES);
  return () => clearTimeout(timer);
});
effect(() => {
  const asked = tickOf(inAddress.value);
  // The address changed by itself: the Back key.
  if (untracked(() => looked.value) !== asked) looked.value = asked;
});
