// @ts-check
/** Whether the tab is seen, and subscriptions that last only while it is. */
import { effect, signal, untracked } from "./vendor/signals/signals.js";
import { client } from "./connection.js";

export const visible = signal(document.visibilityState !== "hidden");
document.addEventListener("visibilitychange", () => {
  visible.value = document.visibilityState !== "hidden";
});

/** Counts the times that events may have been missed: reconnections with a gap, a hidden tab. */
export const resumed = signal(0);
client.on("gap", () => { resumed.value += 1; });
let wasVisible = visible.peek();
effect(() => {
  const seen = visible.value;
  if (seen && !wasVisible) resumed.value = untracked(() => resumed.value) + 1;
  wasVisible = seen;
});

/**
 * Get the events of a topic or pattern while the tab is seen, until the returned function is called.
 * @param {string} pattern
 * @param {import("../client/types.js").SubscribeOptions} options
 * @param {import("../client/types.js").Listener} listener
 * @returns {() => void}
 */
export function subscribe(pattern, options, listener) {
  /** @type {(() => void) | null} */
  let release = null;
  const stop = effect(() => {
    if (visible.value) release ??= client.subscribe(pattern, options, listener);
    else {
      release?.();
      release = null;
    }
  });
  return () => {
    stop();
    release?.();
  };
}
