// @ts-check
/** The bar that plays, pauses, steps, speeds and stops the chosen run. */
import { h } from "./vendor/preact/preact.js";
import { useEffect, useState } from "./vendor/preact/hooks.js";
import { Icon } from "./icons.js";
import { runName } from "./location.js";
import { grouped } from "./panels/format.js";
import { scenarios } from "./runs/scenarios.js";
import { late } from "./late.js";
import { nearest, speeds, told } from "./speeds.js";
import { dropUntil, paused, setSpeed, steerable, step, stop, togglePlay } from "./steering.js";
import { shownTick } from "./time/past.js";
import { forked, sheet, SheetButton } from "./time/sheets.js";
import { run, runs } from "./watching.js";

const Scrubber = late(async () => (await import("./time/scrubber.js")).Scrubber);
const UntilSheet = late(async () => (await import("./time/until.js")).UntilSheet);
const ForkSheet = late(async () => (await import("./runs/fork.js")).ForkSheet);

export function Transport() {
  const open = (run.value || forked.value) && sheet.value;
  return h("section", { class: "transport", "aria-label": "Transport" },
    open === "until" && h(UntilSheet, {}), open === "fork" && h(ForkSheet, {}),
    h("div", { class: "time-line" }, h(Scrubber, {})),
    h(Buttons, null), h(Until, null), h(SpeedControl, null), h(Time, null),
    h(RunPicker, null), h(Seed, null), h(Stop, null));
}

/** What the run pauses at, and a way to take it back. */
function Until() {
  const condition = run.value?.until;
  if (!condition || !steerable.value) {
    return h(SheetButton, { name: "until", label: "Until…", disabled: !steerable.value, title: "Run until a condition holds (U)" });
  }
  return h("p", { class: "until" },
    h("button", { class: "link", title: "Another condition (U)", onClick: () => { sheet.value = "until"; } },
      h("span", { class: "unit" }, "until "), h("code", null, condition)),
    h("button", {
      class: "quiet icon-only", "aria-label": `Do not pause at ${condition}`, title: "Take it back", onClick: dropUntil,
    }, h(Icon, { name: "close" })));
}

function Buttons() {
  const off = !steerable.value;
  const label = paused.value ? "Play" : "Pause";
  return h("div", { class: "buttons" },
    h("button", {
      class: "primary icon-only", disabled: off, onClick: togglePlay, "aria-label": label,
      title: `${label} (Space)`, "data-action": "play",
    }, h(Icon, { name: paused.value ? "play" : "pause" })),
    h("button", {
      class: "icon-only", disabled: off, onClick: step, "data-action": "step",
      "aria-label": paused.value ? "Step one tick" : "Pause to step",
      title: "Step one tick (→); pauses first",
    }, h(Icon, { name: "step" })));
}

function Time() {
  const at = shownTick.value;
  return h("p", { class: "time" }, h("span", { class: "unit" }, "tick"),
    h("output", { class: "figure", "data-figure": "tick" }, at === null ? "–" : grouped(at)));
}

/** The steps of the chosen run's speed, around its scenario's own rate. */
export function speedSteps() {
  const current = run.value;
  const natural = scenarios.value?.find((one) => one.name === current?.scenario)?.hz;
  return speeds(natural ?? 10);
}

function SpeedControl() {
  const current = run.value;
  const steps = speedSteps();
  const at = nearest(steps, current?.speed ?? steps[3].hz);
  const [dragged, setDragged] = useState(/** @type {number | null} */ (null));
  useEffect(() => setDragged(null), [current?.speed, current?.run]);
  const shown = dragged ?? at;
  return h("label", { class: "speed" }, h("span", { class: "unit" }, "speed"),
    h("input", {
      type: "range", "aria-label": "Speed", min: 0, max: steps.length - 1, step: 1, value: shown, list: "speed-steps",
      disabled: !steerable.value, "aria-valuetext": told(steps[shown]),
      title: "Speed ([ slower, ] faster)",
      onInput: (/** @type {any} */ event) => setDragged(Number(event.currentTarget.value)),
      onChange: (/** @type {any} */ event) => setSpeed(steps[Number(event.currentTarget.value)].hz),
    }),
    h("datalist", { id: "speed-steps" }, steps.map((_, i) => h("option", { key: i, value: i }))),
    h("output", { class: "figure" }, told(steps[shown])));
}

function RunPicker() {
  const entries = runs.value ?? [];
  return h("label", { class: "run-picker" }, h("span", { class: "unit" }, "run"),
    h("select", {
      "aria-label": "Run", value: runName.value ?? "", disabled: entries.length === 0,
      onChange: (/** @type {any} */ event) => { runName.value = event.currentTarget.value; },
    },
    entries.length === 0 && h("option", { value: "" }, "none"),
    entries.map((entry) => h("option", { key: entry.run, value: entry.run, selected: entry.run === runName.value },
      entry.state === "running" ? entry.run : `${entry.run} (${entry.state})`))));
}

function Seed() {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const current = run.value;
  if (!current) return null;
  const copy = () => {
    navigator.clipboard?.writeText(String(current.seed)).then(() => setCopied(true), () => setCopied(false));
  };
  return h("p", { class: "seed" }, h("span", { class: "unit" }, "seed"),
    h("output", { class: "figure" }, String(current.seed)),
    h("button", {
      class: "quiet icon-only", onClick: copy, title: "Copy the seed",
      "aria-label": copied ? "The seed was copied" : "Copy the seed",
    }, h(Icon, { name: copied ? "check" : "copy" })));
}

/** A run that ends cannot be resumed, so the second press does it. */
function Stop() {
  const [sure, setSure] = useState(false);
  useEffect(() => {
    if (!sure) return undefined;
    const timer = setTimeout(() => setSure(false), 4000);
    return () => clearTimeout(timer);
  }, [sure]);
  const press = () => {
    if (sure) stop();
    setSure(!sure);
  };
  return h("button", {
    class: sure ? "danger" : "quiet", disabled: !steerable.value, onClick: press, onBlur: () => setSure(false),
    "data-action": "stop",
  }, h(Icon, { name: "stop" }), sure ? "End this run?" : "Stop");
}
