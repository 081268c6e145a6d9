// @ts-check
/** The page's signs, drawn on a grid of 16. */
import { h } from "./vendor/preact/preact.js";

const PATHS = {
  play: "M4.5 2.8v10.4l8.5-5.2z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  step: "M3 2.8v10.4l7-5.2zM11 3h2v10h-2z",
  stop: "M3.5 3.5h9v9h-9z",
  copy: "M5 5V2.5h8.5V11H11M2.5 5H11v8.5H2.5z",
  check: "M3 8.5l3.2 3.2L13 4.8",
  sun: "M8 5a3 3 0 100 6 3 3 0 000-6zM8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3.05 3.05l1.1 1.1M11.85 11.85l1.1 1.1M3.05 12.95l1.1-1.1M11.85 4.15l1.1-1.1",
  moon: "M13.2 9.8A5.6 5.6 0 016.2 2.8a5.6 5.6 0 107 7z",
  close: "M4 4l8 8M12 4l-8 8",
};
const FILLED = new Set(["play", "pause", "step", "stop"]);

/** @param {{name: keyof typeof PATHS}} props */
export function Icon({ name }) {
  const drawn = FILLED.has(name) ? "icon filled" : "icon";
  return h("svg", { class: drawn, viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
    h("path", { d: PATHS[name] }));
}
