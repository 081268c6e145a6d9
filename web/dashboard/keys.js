// @ts-check
/** The keys: one table, for what they do and for the help that tells of them. */
import { panel, pick } from "./location.js";
import { PANELS } from "./places.js";
import { nearest } from "./speeds.js";
import { setSpeed, steerable, step, togglePlay } from "./steering.js";
import { toggleTheme } from "./theme.js";
import { goLive, look, looked } from "./time/past.js";
import { closeSheet, sheet } from "./time/sheets.js";
import { speedSteps } from "./transport.js";
import { run } from "./watching.js";

/** @typedef {{keys: string[], shown: string, text: string, act: () => void, repeats?: boolean}} Binding */

/** @type {Binding[]} */
const OWN = [
  { keys: [" "], shown: "Space", text: "Play or pause", act: togglePlay },
  { keys: ["ArrowRight"], shown: "→", text: "Step one tick; pauses first. In the past: one tick on", act: ahead },
  { keys: ["ArrowLeft"], shown: "←", text: "Look one tick back", act: () => look(-1) },
  { keys: ["l", "L"], shown: "L", text: "Back to what comes, live", act: goLive },
  { keys: ["u", "U"], shown: "U", text: "Run until a condition holds", act: openUntil },
  { keys: ["["], shown: "[", text: "Slower", act: () => shift(-1) },
  { keys: ["]"], shown: "]", text: "Faster", act: () => shift(1) },
  { keys: ["/"], shown: "/", text: "Filter the agents", act: filter },
  { keys: ["f", "F"], shown: "F", text: "Full screen", act: fullScreen },
  { keys: ["d", "D"], shown: "D", text: "Dark or light", act: toggleTheme },
  { keys: ["Escape"], shown: "Esc", text: "Let go of the picked agent; close what is open", act: letGo },
];

/** @type {Binding[]} */
export const BINDINGS = [
  ...OWN,
  ...PANELS.map(({ name, title, key }) => ({
    keys: [key], shown: key, text: title, act: () => { panel.value = name === "overview" ? null : name; },
  })),
];

/**
 * Listens to the keys until the returned function is called. Off while somebody types.
 * @param {{help: () => void, palette: () => void}} actions
 */
export function listen({ help, palette }) {
  /** @param {KeyboardEvent} event */
  const pressed = (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (!document.querySelector("dialog[open]")) palette();
      return;
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (taken(event)) return;
    const binding = BINDINGS.find(({ keys }) => keys.includes(event.key));
    if (!binding && event.key !== "?") return;
    event.preventDefault();
    if (binding) binding.act();
    else help();
  };
  window.addEventListener("keydown", pressed);
  return () => window.removeEventListener("keydown", pressed);
}

/** Whether the key belongs to what has the focus. @param {KeyboardEvent} event */
function taken({ target, key }) {
  if (!(target instanceof Element)) return false;
  if (document.querySelector("dialog[open]")) return true;
  if (target.closest("input:not([type=range]):not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]")) return true;
  if (key === " ") return target.closest("button, a, summary, input") !== null;
  // Arrows move sliders, scroll regions and pan canvases.
  return key.startsWith("Arrow") && target.closest("input, [tabindex]") !== null;
}

function ahead() {
  if (looked.peek() === null) step();
  else look(1);
}

function openUntil() {
  if (steerable.peek()) sheet.value = "until";
}

function letGo() {
  if (sheet.peek() === null) pick(null);
  else closeSheet();
}

/** @param {number} by */
function shift(by) {
  const current = run.peek();
  if (!current) return;
  const steps = speedSteps();
  const next = Math.min(steps.length - 1, Math.max(0, nearest(steps, current.speed) + by));
  setSpeed(steps[next].hz);
}

function filter() {
  if (!document.querySelector("input.filter")) panel.value = "agents";
  // The panel's own field is there after the next drawing.
  requestAnimationFrame(() => {
    const field = document.querySelector("input.filter");
    if (field instanceof HTMLElement) field.focus();
  });
}

function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => undefined);
}
