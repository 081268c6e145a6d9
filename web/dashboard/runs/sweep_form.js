// @ts-check
/** The form that starts a sweep: several values of a parameter, parted by commas, are tried each with each. */
import { client } from "../connection.js";
import { notify } from "../notices.js";
import { grouped } from "../panels/format.js";
import { useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { Entry, focusOn } from "./entry.js";
import { blamed, fieldsOf, initial, read } from "./fields.js";
import { readGrid, runsOf } from "./grid.js";
import { scenarios } from "./scenarios.js";

/**
 * @typedef {import("./fields.js").Field} Field
 * @typedef {import("./scenarios.js").Scenario} Scenario
 */

/** @type {Field[]} */
const EXTENT = [
  { name: "sweep_seeds", type: "integer", title: "Seeds", minimum: 1, maximum: 10_000, default: 10, description: "The same for all, so that points can be compared" },
  { name: "sweep_ticks", type: "integer", title: "Ticks", minimum: 1, maximum: 1_000_000, default: 200, description: "Of each run" },
  { name: "sweep_workers", type: "integer", title: "Processes", minimum: 1, maximum: 256, default: 1, description: "The result does not depend on it" },
];

/** @param {{onStarted: () => void}} props */
export function SweepForm({ onStarted }) {
  const known = scenarios.value ?? [];
  const [chosen, setChosen] = useState(/** @type {string | null} */ (null));
  const scenario = known.find(({ name }) => name === chosen) ?? known[0];
  if (!scenario) return h("p", { class: "quiet" }, "Waiting for the scenarios…");
  return h("div", { class: "start" },
    h("div", { class: "entry" }, h("label", { for: "sweep-scenario" }, "Scenario"),
      h("select", { id: "sweep-scenario", value: scenario.name, onChange: (/** @type {any} */ event) => setChosen(event.currentTarget.value) },
        known.map(({ name, title }) => h("option", { key: name, value: name }, title)))),
    h(Values, { key: scenario.name, scenario, onStarted }));
}

/** @param {{scenario: Scenario, onStarted: () => void}} props */
function Values({ scenario, onStarted }) {
  const fields = fieldsOf(scenario.parameters).map((field) => ({ ...field, name: `sweep_of_${field.name}` }));
  const [typed, setTyped] = useState(/** @type {Record<string, any>} */ (() => initial(EXTENT)));
  const [wrong, setWrong] = useState(/** @type {Record<string, string>} */ ({}));
  const [busy, setBusy] = useState(false);
  const wanted = readGrid(fields, typed);
  const extent = read(EXTENT, typed);
  const runs = runsOf(wanted.grid, extent.params.sweep_seeds ?? 10);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const found = { ...wanted.wrong, ...extent.wrong };
    setWrong(found);
    if (Object.keys(found).length > 0) return focusOn(Object.keys(found)[0]);
    setBusy(true);
    const refused = await start(scenario.name, wanted, extent.params, fields);
    setBusy(false);
    setWrong(refused ?? {});
    if (refused === null) onStarted();
    return undefined;
  };
  const type = (/** @type {string} */ name, /** @type {string | boolean} */ value) => {
    setTyped({ ...typed, [name]: value });
    setWrong({ ...wrong, [name]: "" });
  };
  const entry = (/** @type {Field} */ field) => h(Entry, { key: field.name, field, value: typed[field.name] ?? "", error: wrong[field.name], onType: type });
  return h("form", { class: "parameters", onSubmit: submit, noValidate: true, "aria-label": `Sweep of ${scenario.title}` },
    h("p", { class: "about" }, "Several values of a parameter, parted by commas, are tried each with each. Empty: the default."),
    fields.map((field) => entry({ ...field, type: "string", enum: undefined, placeholder: hintOf(field) })),
    EXTENT.map(entry),
    h("div", { class: "submit" },
      h("button", { class: "primary", type: "submit", disabled: busy }, busy ? "Starting…" : "Start sweep"),
      h("output", { class: "unit" }, `${grouped(runs)} runs`)));
}

/** @param {Field} field */
function hintOf(field) {
  return field.enum ? field.enum.join(", ") : String(field.default ?? "");
}

/**
 * Starts the sweep. @returns {Promise<Record<string, string> | null>} by field what the server refused; null: it has begun
 * @param {string} scenario @param {import("./grid.js").Wanted} wanted @param {Record<string, any>} extent @param {Field[]} fields
 */
async function start(scenario, wanted, extent, fields) {
  const bare = (/** @type {Record<string, any>} */ given) => Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name.replace("sweep_of_", ""), value]));
  try {
    const { sweep } = await client.command("sweep.start", {
      scenario, grid: bare(wanted.grid), params: bare(wanted.params),
      seeds: extent.sweep_seeds ?? 10, ticks: extent.sweep_ticks ?? 200, workers: extent.sweep_workers ?? 1,
    });
    notify(`Sweep ${sweep} has started.`, "done");
    return null;
  } catch (/** @type {any} */ error) {
    const field = blamed(error, fields.map(({ name }) => name.replace("sweep_of_", "")));
    if (field === null) {
      notify(error.message);
      return {};
    }
    focusOn(`sweep_of_${field}`);
    return { [`sweep_of_${field}`]: error.message };
  }
}
