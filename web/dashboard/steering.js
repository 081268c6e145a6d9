// @ts-check
/** Commands to the chosen run. What cannot be done is told as a notice. */
import { computed } from "./vendor/signals/signals.js";
import { client, connection, mayControl } from "./connection.js";
import { notify } from "./notices.js";
import { loadRuns, run } from "./watching.js";

const ENDED = new Set(["finished", "failed"]);

/** Whether the chosen run can be steered by this viewer. */
export const steerable = computed(() => (
  connection.value.state === "OPEN" && mayControl.value
  && run.value !== null && !ENDED.has(run.value.state)));
export const paused = computed(() => run.value?.state === "paused");

/** Ticks asked for while a step is under way: they go together, as one command. */
let stepping = false;
let owed = 0;

/** @param {string} name @param {Record<string, any>} [params] */
async function steer(name, params = {}) {
  const current = run.peek();
  if (!current || !steerable.peek()) return false;
  try {
    await client.command(name, { run: current.run, ...params });
    return true;
  } catch (error) {
    notify(error instanceof Error ? error.message : String(error));
    return false;
  }
}

export function togglePlay() {
  return steer(paused.peek() ? "run.resume" : "run.pause");
}

/** One tick further; a run that plays is paused first. */
export async function step() {
  if (!paused.peek()) {
    await steer("run.pause");
    return;
  }
  owed += 1;
  if (stepping) return;
  stepping = true;
  while (owed > 0) {
    const ticks = owed;
    owed = 0;
    if (!await steer("run.step", { ticks })) owed = 0;
  }
  stepping = false;
}

/** @param {number} hz ticks per second; 0: as fast as it can */
export async function setSpeed(hz) {
  const current = run.peek();
  if (await steer("run.speed", { hz }) && run.peek()?.run === current?.run && current) {
    run.value = { ...(run.peek() ?? current), speed: hz };
  }
}

/** Go on until the condition holds. @param {string} condition @returns {Promise<void>} rejects with a StageError */
export async function until(condition) {
  const current = run.peek();
  // Its state is announced; the answer may come after that of the pause.
  if (current) await client.command("run.until", { run: current.run, condition });
}

/** What the run was to pause at is nothing to it any more; it goes on if it did. */
export async function dropUntil() {
  const goesOn = !paused.peek();
  if (await steer("run.pause") && goesOn) await steer("run.resume");
}

export async function stop() {
  if (await steer("run.stop")) loadRuns();
}
