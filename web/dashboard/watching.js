// @ts-check
/** What the page watches all the time: the runs, the chosen one and its ticks, the machine. */
import { batch, computed, effect, signal, untracked } from "./vendor/signals/signals.js";
import { client, connection } from "./connection.js";
import { runName } from "./location.js";
import { notify } from "./notices.js";
import { Pace } from "./pace.js";
import { subscribe } from "./visible.js";

/**
 * @typedef {{run: string, scenario: string, state: string, tick: number, seed: number,
 *   agents: number, started_at: string, reason?: string, parent?: {run: string, tick: number},
 *   replay?: {run: string, first: number, last: number}}} RunEntry
 *   `parent`: what it is a fork of, and after which tick; `replay`: what it shows again
 * @typedef {{name: string, title: string, unit: string, kind: "number" | "category" | "flag",
 *   labels: string[]}} ColumnInfo
 * @typedef {{x: number, y: number, label: string, kind: "cue" | "reward" | "start" | "wall"}} Mark
 * @typedef {{kind: "grid" | "graph" | "none", width: number, height: number, x: string, y: string,
 *   color: string[], marks: Mark[], sentence: string}} View
 * @typedef {{name: string, states: string[], grid: [number, number] | null}} Factor
 * @typedef {{factors: Factor[], modalities: [string, string[]][], actions: string[], policies: number}} ModelInfo
 * @typedef {RunEntry & {title: string, sentence: string, params: Record<string, any>, speed: number,
 *   view: View, columns: ColumnInfo[], model: ModelInfo | null, epoch: string, restarts: number, until?: string}} Run
 *   `until`: the condition that it pauses at
 */

/** Every run that the server knows, newest first. */
export const runs = signal(/** @type {RunEntry[] | null} */ (null));
/** The chosen run; null while its world is not known. */
export const run = signal(/** @type {Run | null} */ (null));
/** The chosen run as far as the list knows it. */
export const entry = computed(() => runs.value?.find((one) => one.run === runName.value) ?? null);
/** The newest tick of the chosen run: event with `tick`, `time` and the aggregates as `data`. */
export const tick = signal(/** @type {import("../client/types.js").StageEvent | null} */ (null));
/** Ticks per second as they arrive; null while not measured. */
export const tickRate = signal(/** @type {number | null} */ (null));
/** The newest system.metrics. */
export const metrics = signal(/** @type {Record<string, any> | null} */ (null));
/** How many agents the newest frame of a run has, where they come and go and it is watched. */
export const crowd = signal(/** @type {{run: string, agents: number} | null} */ (null));
/** When the newest tick came, on the clock of `performance.now()`. */
export const tickedAt = signal(0);

const BETWEEN_LISTS = 2_000; // milliseconds between two lists of runs
const pace = new Pace();
/** @type {any} */
let loading = null;
let askedAt = -BETWEEN_LISTS;

/** Ask for the list of runs, at once or as soon as the last time is long enough ago. */
export function loadRuns() {
  if (loading !== null) return;
  const wait = Math.max(0, askedAt + BETWEEN_LISTS - performance.now());
  loading = setTimeout(() => {
    askedAt = performance.now();
    client.query("runs.list").then((result) => take(result.runs), notTold);
    loading = null;
  }, wait);
}

/** @param {RunEntry[]} found */
function take(found) {
  const newest = [...found].sort((one, other) => String(other.started_at).localeCompare(String(one.started_at)));
  batch(() => {
    runs.value = newest;
    const asked = runName.peek();
    if (newest.length === 0 || newest.some((one) => one.run === asked)) return;
    // A server that has just come back may not have taken this run's worker again yet.
    if (asked !== null && run.peek()?.run === asked) return;
    const own = newest.filter(({ replay }) => !replay);
    const chosen = (own.find((one) => one.state === "running") ?? own[0] ?? newest[0]).run;
    if (asked !== null) notify(`There is no run ${asked}; this is ${chosen}.`);
    runName.value = chosen;
  });
}

/** Ask what the chosen run is. One whose worker has not told its world yet is asked for again when
 * its state changes. */
export function loadRun() {
  const name = runName.peek();
  if (name === null) return;
  client.query("run.get", { run: name }).then((found) => {
    if (found.run !== runName.peek() || !found.view) return;
    const before = run.peek();
    run.value = { ...found, until: before?.run === found.run ? before?.until : undefined };
  }, notTold);
}

/** What a run pauses at is in the newest of its states, which others read. @param {string} name @param {string | undefined} until */
export function noteUntil(name, until) {
  const current = run.peek();
  if (current?.run === name && current.until !== until) run.value = { ...current, until };
}

/** What could not be told is asked again when the connection is back, or the state changes. */
function notTold() {}

/** A state was announced. @param {import("../client/types.js").StageEvent} event */
function stateChanged(event) {
  const name = event.topic.split(".")[1];
  const { state, tick: at, hz, reason, until } = event.data;
  const known = runs.peek()?.some((one) => one.run === name);
  if (!known) loadRuns();
  batch(() => {
    runs.value = runs.peek()?.map((one) => (
      one.run === name ? { ...one, state, tick: at ?? one.tick, reason } : one)) ?? null;
    const current = run.peek();
    if (current?.run !== name) return;
    run.value = { ...current, state, tick: at ?? current.tick, speed: hz ?? current.speed, reason, until };
  });
  if (name === runName.peek() && (state === "restarted" || run.peek() === null)) loadRun();
}

/** @param {import("../client/types.js").StageEvent} event */
function ticked(event) {
  const now = performance.now();
  const current = run.peek();
  batch(() => {
    // A replay that went to another tick numbers anew.
    if (current && current.epoch !== event.epoch) run.value = { ...current, epoch: event.epoch };
    tick.value = event;
    tickedAt.value = now;
    tickRate.value = pace.take(event.tick ?? event.offset, now);
  });
}

client.subscribe("run.*.state", {}, stateChanged);
subscribe("system.metrics", { mode: "latest", max_hz: 0.5 }, (event) => { metrics.value = event.data; });
client.on("broadcast", ({ topic }) => {
  if (topic === "run.started" || topic === "run.ended") loadRuns();
});

effect(() => {
  if (connection.value.state !== "OPEN") return;
  untracked(loadRuns);
});

effect(() => {
  const name = runName.value;
  if (untracked(() => run.value)?.run !== name) {
    run.value = null;
    tick.value = null;
    tickRate.value = null;
    pace.reset();
  }
  if (name === null) return undefined;
  return subscribe(`run.${name}.tick`, { mode: "latest", max_hz: 10 }, ticked);
});

effect(() => {
  if (connection.value.state === "OPEN" && runName.value !== null) untracked(loadRun);
});
