// @ts-check
/** The form that starts a run: made from the scenario's parameters. */
import { h } from "../vendor/preact/preact.js";
import { useState } from "../vendor/preact/hooks.js";
import { client, mayControl } from "../connection.js";
import { panel, runName } from "../location.js";
import { notify } from "../notices.js";
import { loadRuns } from "../watching.js";
import { Entry, focusOn } from "./entry.js";
import { blamed, fieldsOf, initial, read } from "./fields.js";
import { loadScenarios, scenarios, scenariosError } from "./scenarios.js";

/**
 * @typedef {import("./fields.js").Field} Field
 * @typedef {import("./scenarios.js").Scenario} Scenario
 */

/** @type {Field} */
const SEED = {
  name: "seed", type: "integer", title: "Seed", minimum: 0, maximum: Number.MAX_SAFE_INTEGER,
  placeholder: "chosen by the server", description: "The same seed gives the same run. Empty: the server chooses.",
};

export function StartForm() {
  const known = scenarios.value;
  const [chosen, setChosen] = useState(/** @type {string | null} */ (null));
  if (!known) return h(NoScenarios, null);
  const scenario = known.find((one) => one.name === chosen) ?? known[0];
  return h("div", { class: "start" },
    h("fieldset", { class: "scenarios" }, h("legend", null, "Start a run"),
      known.map((one) => h("label", { key: one.name, class: "choice" },
        h("input", {
          type: "radio", name: "scenario", value: one.name, checked: one === scenario,
          onChange: () => setChosen(one.name),
        }), h("span", null, one.title)))),
    h(Parameters, { key: scenario.name, scenario }));
}

function NoScenarios() {
  const error = scenariosError.value;
  if (error === null) return h("p", { class: "quiet" }, "Waiting for the scenarios…");
  return h("div", { class: "submit" }, h("p", { class: "error" }, `The scenarios could not be had: ${error}`),
    h("button", { class: "quiet", onClick: loadScenarios }, "Try again"));
}

/** @param {{scenario: Scenario}} props */
function Parameters({ scenario }) {
  const fields = [...fieldsOf(scenario.parameters), SEED];
  const [typed, setTyped] = useState(() => initial(fields));
  const [wrong, setWrong] = useState(/** @type {Record<string, string>} */ ({}));
  const [busy, setBusy] = useState(false);
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const { params: { seed, ...params }, wrong: found } = read(fields, typed);
    setWrong(found);
    if (Object.keys(found).length > 0) return focusOn(Object.keys(found)[0]);
    setBusy(true);
    const refused = await start(scenario.name, params, seed, fields);
    setBusy(false);
    setWrong(refused);
    return undefined;
  };
  const type = (/** @type {string} */ name, /** @type {string | boolean} */ value) => {
    setTyped({ ...typed, [name]: value });
    setWrong({ ...wrong, [name]: "" });
  };
  return h("form", { class: "parameters", onSubmit: submit, noValidate: true, "aria-label": `Parameters of ${scenario.title}` },
    h("p", { class: "about" }, scenario.parameters.description || scenario.text),
    fields.map((field) => h(Entry, {
      key: field.name, field, value: typed[field.name], error: wrong[field.name], onType: type,
    })),
    h("div", { class: "submit" },
      h("button", { class: "primary", type: "submit", disabled: busy || !mayControl.value }, busy ? "Starting…" : "Start run"),
      h("button", { class: "quiet", type: "button", onClick: () => { setTyped(initial(fields)); setWrong({}); } }, "Defaults"),
      !mayControl.value && h("span", { class: "unit" }, "Your token does not allow to start runs.")));
}

/** Starts the run and shows it. @returns {Promise<Record<string, string>>} by field what the server refused
 * @param {string} scenario @param {Record<string, any>} params @param {number | undefined} seed @param {Field[]} fields */
async function start(scenario, params, seed, fields) {
  try {
    const { run } = await client.command("run.start", { scenario, params, ...(seed === undefined ? {} : { seed }) });
    loadRuns();
    runName.value = run;
    panel.value = null;
    notify(`Run ${run} has started.`, "done");
    return {};
  } catch (/** @type {any} */ error) {
    const field = blamed(error, fields.map(({ name }) => name));
    if (field === null) {
      notify(error.message);
      return {};
    }
    focusOn(field);
    return { [field]: error.message };
  }
}
