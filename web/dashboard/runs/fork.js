// @ts-check
/** The form for a run that goes on from a tick of another one, with what is changed from there on. */
import { h } from "../vendor/preact/preact.js";
import { useState } from "../vendor/preact/hooks.js";
import { notify } from "../notices.js";
import { useQuery } from "../stage.js";
import { shownTick, span } from "../time/past.js";
import { Sheet } from "../time/sheet.js";
import { closeSheet, forked } from "../time/sheets.js";
import { fork } from "../time/travel.js";
import { run } from "../watching.js";
import { Entry, focusOn } from "./entry.js";
import { blamed, fieldsOf, initial, read } from "./fields.js";
import { scenarios } from "./scenarios.js";

/** @typedef {import("./fields.js").Field} Field */
/** @typedef {import("../watching.js").Run} Run */

const FORM = "fork";
const WHOLE = ""; // what is wrong with no field alone
const SEED = {
  name: "seed", type: /** @type {const} */ ("integer"), title: "Seed from there on", minimum: 0, maximum: Number.MAX_SAFE_INTEGER,
  placeholder: "as it was", description: "Another seed changes what is left to chance.",
};

export function ForkSheet() {
  const other = forked.value !== null && forked.value !== run.value?.run ? forked.value : null;
  const [asked, setAsked] = useState(/** @type {Run | null} */ (null));
  useQuery(other && "run.get", { run: other }, {
    onResult: setAsked,
    onError: (error) => {
      closeSheet();
      notify(error.message);
    },
  });
  if (other) {
    if (asked?.run !== other) return null;
    const first = 1 + (asked.parent?.tick ?? 0);
    return h(Sheet, { title: `Fork of ${other}` }, h(ForkForm, { key: other, current: asked, at: asked.tick, first, last: asked.tick }));
  }
  const current = run.value;
  const between = span.value;
  if (!current || !between) return null;
  const at = Math.min(between.last, shownTick.value ?? between.last);
  return h(Sheet, { title: `Fork of ${current.run}` }, h(ForkForm, { key: current.run, current, at, first: between.first, last: between.last }));
}

/** The fields of a fork: what the run has now is what stands there. @param {Run} current @param {number} first @param {number} last @returns {Field[]} */
function fieldsFor(current, first, last) {
  const scenario = scenarios.peek()?.find(({ name }) => name === current.scenario);
  const own = fieldsOf(scenario?.parameters ?? {}).map((field) => ({ ...field, default: current.params[field.name] ?? field.default }));
  const tick = { name: "tick", type: /** @type {const} */ ("integer"), title: "After tick", minimum: first - 1, maximum: last };
  return [tick, SEED, ...own];
}

/** @param {{current: Run, at: number, first: number, last: number}} props */
function ForkForm({ current, at, first, last }) {
  const fields = fieldsFor(current, first, last);
  const [typed, setTyped] = useState(() => /** @type {import("./fields.js").Typed} */ ({ ...initial(fields), tick: String(at) }));
  const [wrong, setWrong] = useState(/** @type {Record<string, string>} */ ({}));
  const [busy, setBusy] = useState(false);
  const type = (/** @type {string} */ name, /** @type {string | boolean} */ value) => {
    setTyped({ ...typed, [name]: value });
    setWrong({ ...wrong, [name]: "", [WHOLE]: "" });
  };
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const { params: { tick, seed, ...params }, wrong: found } = read(fields, typed);
    setWrong(found);
    if (Object.keys(found).length > 0) return focusOn(Object.keys(found)[0], FORM);
    setBusy(true);
    try {
      await fork({ run: current.run, tick, params, ...(seed === undefined ? {} : { seed }) });
      closeSheet();
    } catch (/** @type {any} */ error) {
      setBusy(false);
      const field = blamed(error, fields.map(({ name }) => name));
      setWrong({ [field ?? WHOLE]: error.details?.reason ?? error.message });
      if (field !== null) focusOn(field, FORM);
    }
    return undefined;
  };
  return h("form", { class: "parameters fork-form", onSubmit: submit, noValidate: true },
    h("p", { class: "about" }, "It goes on as a run of its own; what differs here holds from there on. Nothing changed is the same once more."),
    h("div", { class: "entries" }, fields.map((field) => h(Entry, {
      key: field.name, form: FORM, field, value: typed[field.name], error: wrong[field.name], onType: type,
    }))),
    h("div", { class: "submit" },
      wrong[WHOLE] && h("p", { class: "error", role: "alert" }, wrong[WHOLE]),
      h("button", { class: "primary", type: "submit", disabled: busy }, busy ? "Forking…" : "Fork"),
      h("button", { class: "quiet", type: "button", onClick: closeSheet }, "Cancel")));
}
