// @ts-check
/** The run's time as a line: where one looks, what happened when, and the ways on from there. */
import { h } from "../vendor/preact/preact.js";
import { grouped } from "../panels/format.js";
import { mayControl } from "../connection.js";
import { run } from "../watching.js";
import "./announcing.js";
import { happenings } from "./happenings.js";
import { KINDS, marksOf, nextTick } from "./markers.js";
import { goLive, lookAt, looked, shownTick, span } from "./past.js";
import { SheetButton } from "./sheets.js";
import { replayFrom } from "./travel.js";

export function Scrubber() {
  const between = span.value;
  const at = shownTick.value;
  if (!between || at === null) return null;
  return h("div", { class: "scrubber", role: "group", "aria-label": "Time" },
    h(ToHappening, { ...between, way: -1, at }), h(Track, { ...between, at }), h(ToHappening, { ...between, way: 1, at }),
    h(Ways, { at }));
}

/** @param {{first: number, last: number, at: number}} props */
function Track({ first, last, at }) {
  const live = looked.value === null && !run.value?.replay;
  const shown = Math.min(last, Math.max(first, at));
  return h("div", { class: "track" },
    h("div", { class: "marks" }, marksOf(happenings.value, first, last).map(({ kind, tick, at: part, text }) => h("button", {
      key: `${kind} ${tick}`, type: "button", class: `mark ${kind}`, tabIndex: -1, title: text, "aria-label": text,
      style: { left: `${(100 * part).toFixed(2)}%` }, onClick: () => lookAt(tick),
    }, KINDS[kind]?.sign ?? "·"))),
    h("input", {
      type: "range", "aria-label": "Tick", min: first, max: last, step: 1, value: shown, "data-action": "scrub",
      "aria-valuetext": `tick ${grouped(shown)} of ${grouped(last)}${live ? ", live" : ""}`,
      onInput: (/** @type {any} */ event) => lookAt(Number(event.currentTarget.value)),
    }),
    h("p", { class: "ends", "aria-hidden": "true" }, h("span", null, grouped(first)), h("span", null, grouped(last))));
}

/** @param {{way: 1 | -1, first: number, last: number, at: number}} props */
function ToHappening({ way, first, last, at }) {
  const next = nextTick(happenings.value.filter(({ tick }) => tick >= first && tick <= last), at, way);
  const label = way < 0 ? "Previous event" : "Next event";
  return h("button", {
    class: "quiet icon-only", "aria-label": label, title: next === null ? label : `${label}, tick ${grouped(next)}`,
    disabled: next === null, onClick: () => { if (next !== null) lookAt(next); },
  }, way < 0 ? "‹◆" : "◆›");
}

/** @param {{at: number}} props */
function Ways({ at }) {
  const replay = run.value?.replay;
  const live = looked.value === null && !replay;
  const title = replay ? `Back to ${replay.run} (L)` : "Back to what comes (L)";
  const off = !mayControl.value;
  return h("div", { class: "ways" },
    h("button", { class: live ? "quiet live" : "primary", disabled: live, onClick: goLive, title, "data-action": "live" },
      h("i", { class: "lamp", "aria-hidden": "true" }), "Live"),
    !replay && h("button", {
      class: "quiet", disabled: off || live, "data-action": "replay",
      title: "Shows the recorded ticks again from here, with all beliefs, as a run of its own",
      onClick: () => replayFrom(at),
    }, "Play from here"),
    !replay && h(SheetButton, { name: "fork", label: "Fork…", disabled: off, title: "Goes on from this tick as another run" }));
}
