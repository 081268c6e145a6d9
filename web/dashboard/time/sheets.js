// @ts-check
/** Which of the sheets above the transport bar is open, and the buttons that open them. */
import { h } from "../vendor/preact/preact.js";
import { signal } from "../vendor/signals/signals.js";

/** @typedef {"until" | "fork"} Name */

/** Which one is open. */
export const sheet = signal(/** @type {Name | null} */ (null));

/** The run that the sheet for forks is about, where it is not the chosen one. */
export const forked = signal(/** @type {string | null} */ (null));

export function closeSheet() {
  sheet.value = null;
  forked.value = null;
}

/** Fork a run, whichever is chosen. @param {string} name */
export function openFork(name) {
  forked.value = name;
  sheet.value = "fork";
}

/** @param {{name: Name, label: string, title: string, disabled?: boolean}} props */
export function SheetButton({ name, label, title, disabled = false }) {
  return h("button", {
    class: "quiet", disabled, title, "aria-expanded": String(sheet.value === name), "aria-haspopup": "dialog", "data-sheet": name,
    onClick: () => { sheet.value = sheet.value === name ? null : name; },
  }, label);
}
