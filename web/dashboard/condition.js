// @ts-check
/** How the connection and the chosen run fare, in one word and one sentence. */
import { computed } from "./vendor/signals/signals.js";
import { connection } from "./connection.js";
import { moment } from "./moment.js";
import { looked } from "./time/past.js";
import { entry, run, tickedAt } from "./watching.js";

/**
 * @typedef {"live" | "paused" | "replay" | "stale" | "waiting" | "ended" | "lost"} Tone
 * @typedef {{tone: Tone, text: string, detail: string}} Condition
 */

const STALE = 3_000; // milliseconds without a tick
const STALE_TICKS = 4;

/** @type {import("./vendor/signals/signals.js").ReadonlySignal<Condition>} */
export const condition = computed(() => connectionCondition() ?? pastCondition() ?? runCondition());

/** The same without its countdown: what is worth announcing. */
export const announcement = computed(() => {
  const { state, retryAt } = connection.value;
  return state === "CLOSED" && retryAt !== null ? "Connection lost, reconnecting" : condition.value.text;
});

/** @returns {Condition | null} */
function connectionCondition() {
  const { state, retryAt, reason } = connection.value;
  if (state === "OPEN") return null;
  if (state === "CONNECTING") return { tone: "waiting", text: "Connecting", detail: reason ?? "" };
  if (retryAt === null) return { tone: "lost", text: "Disconnected", detail: reason ?? "" };
  const seconds = Math.max(1, Math.ceil((retryAt - moment.value) / 1000));
  return { tone: "waiting", text: `Reconnecting in ${seconds} s`, detail: `${reason ?? ""} Press to try now.` };
}

/** What is shown was recorded. @returns {Condition | null} */
function pastCondition() {
  const current = run.value;
  if (!current) return null;
  if (looked.value !== null) {
    return { tone: "replay", text: "Replay", detail: `A tick of the recording; ${current.run} itself is ${current.state}.` };
  }
  if (!current.replay || (current.state !== "running" && current.state !== "paused")) return null;
  const text = current.state === "paused" ? "Replay, paused" : "Replay";
  return { tone: "replay", text, detail: `Shows ${current.replay.run} again.` };
}

/** @returns {Condition} */
function runCondition() {
  const current = run.value ?? entry.value;
  if (!current) return { tone: "ended", text: "Connected", detail: "No run is chosen." };
  const detail = current.reason ?? "";
  if (current.state === "running") {
    const hz = run.value?.speed ?? 0;
    const patience = Math.max(STALE, hz > 0 ? (STALE_TICKS * 1000) / hz : 0);
    const age = moment.value - tickedAt.value;
    if (tickedAt.value > 0 && age > patience) {
      return { tone: "stale", text: "Stale", detail: `No tick for ${Math.round(age / 1000)} s.` };
    }
    return { tone: "live", text: "Live", detail: "Ticks arrive as they happen." };
  }
  const capital = current.state.charAt(0).toUpperCase() + current.state.slice(1);
  if (current.state === "paused") return { tone: "paused", text: capital, detail };
  if (current.state === "failed") return { tone: "lost", text: capital, detail };
  return { tone: current.state === "finished" ? "ended" : "waiting", text: capital, detail };
}
