// @ts-check
/** The time, for what changes by itself: countdowns and ages. Rises once a second while seen. */
import { effect, signal } from "./vendor/signals/signals.js";
import { visible } from "./visible.js";

/** Milliseconds on the clock of `performance.now()`, which the connection uses too. */
export const moment = signal(performance.now());

effect(() => {
  if (!visible.value) return undefined;
  moment.value = performance.now();
  const timer = setInterval(() => { moment.value = performance.now(); }, 1000);
  return () => clearInterval(timer);
});
