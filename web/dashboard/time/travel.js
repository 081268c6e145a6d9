// @ts-check
/** To other runs of the same past: a replay of it, a fork. What cannot be done is told. */
import { client } from "../connection.js";
import { panel, runName } from "../location.js";
import { notify } from "../notices.js";
import { loadRuns } from "../watching.js";

/** Show a run again from a tick on; the chosen one unless told. @param {number} tick @param {string | null} [name] */
export async function replayFrom(tick, name = runName.peek()) {
  if (name === null) return;
  try {
    const found = await client.command("run.replay", { run: name, tick });
    goTo(found.run);
    if (panel.peek() === "runs") panel.value = null;
  } catch (/** @type {any} */ error) {
    notify(error.message);
  }
}

/**
 * Go on after a tick of a run as a run of its own.
 * @param {{run: string, tick: number, params?: Record<string, any>, seed?: number}} wish
 * @returns {Promise<void>} rejects with a StageError
 */
export async function fork(wish) {
  const found = await client.command("run.fork", wish);
  goTo(found.run);
  panel.value = null;
  notify(`${found.run} goes on after tick ${wish.tick} of ${wish.run}.`, "done");
}

/** @param {string} name */
function goTo(name) {
  loadRuns();
  runName.value = name;
}
