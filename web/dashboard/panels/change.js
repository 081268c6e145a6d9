// @ts-check
/** The form that changes an agent, or all of them, between two ticks. */
import { notify } from "../notices.js";
import { command } from "../stage.js";
import { useEffect, useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { pointing } from "../world/pointing.js";
import { choicesFor, commandOf, isByNumber, KINDS, kindsFor, placeAt, placeFactor } from "./changes.js";

/**
 * @typedef {import("../watching.js").Run} Run
 * @typedef {import("../watching.js").ModelInfo} ModelInfo
 * @typedef {import("./changes.js").Kind} Kind
 * @typedef {import("./changes.js").Filled} Filled
 * @typedef {(part: Partial<Filled>) => void} Fill
 */

/** @type {Filled} */
const EMPTY = { kind: "observation", name: "", option: 0, number: "", numbers: [] };
const ALL = "*";

/** @param {{current: Run, agent: number | null, onDone: () => void}} props */
export function ChangeForm({ current, agent, onDone }) {
  const { model } = current;
  const kinds = kindsFor(current);
  const [filled, setFilled] = useState(() => begun(kinds[0].kind, model));
  const [everybody, setEverybody] = useState(false);
  const [wrong, setWrong] = useState("");
  const ofAll = KINDS.find(({ kind }) => kind === filled.kind)?.all ?? false;
  const ofOne = isByNumber(filled.kind, current);
  const whom = (everybody && !ofOne) || ofAll || agent === null ? ALL : String(agent);
  const fill = (/** @type {Partial<Filled>} */ part) => {
    setFilled((before) => ({ ...before, ...part }));
    setWrong("");
  };
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (ofOne && agent === null) return setWrong("Pick an agent first.");
    const found = commandOf(filled, current);
    if ("wrong" in found) return setWrong(found.wrong);
    try {
      await command(found.command, { run: current.run, agent: whom, ...found.params });
      onDone();
    } catch (/** @type {any} */ error) {
      setWrong(error.details?.reason ?? error.message);
    }
    return undefined;
  };
  return h("form", { class: "change-form", onSubmit: submit, noValidate: true, "aria-label": "Change" },
    h("label", null, "What", h("select", {
      "aria-label": "What", value: filled.kind, onChange: (/** @type {any} */ event) => fill(begun(event.currentTarget.value, model)),
    }, kinds.map(({ kind, title }) => h("option", { key: kind, value: kind, selected: kind === filled.kind }, title)))),
    h(Choices, { current, model, filled, fill }),
    !(ofOne && agent === null) && h(Whom, { agent, whom, fixed: ofAll || ofOne || agent === null, setEverybody }),
    wrong && h("p", { class: "error", role: "alert" }, wrong),
    h("div", { class: "submit" }, h("button", { class: "primary", type: "submit" }, "Apply"),
      h("span", { class: "unit" }, "before the next tick; it is recorded")));
}

/** @param {Kind} kind @param {ModelInfo | null} model @returns {Filled} */
function begun(kind, model) {
  return { ...EMPTY, kind, name: choicesFor(kind, model)[0]?.name ?? "" };
}

/** @param {{agent: number | null, whom: string, fixed: boolean, setEverybody: (all: boolean) => void}} props */
function Whom({ agent, whom, fixed, setEverybody }) {
  return h("label", null, "Whose", h("select", {
    "aria-label": "Whose", value: whom, disabled: fixed,
    onChange: (/** @type {any} */ event) => setEverybody(event.currentTarget.value === ALL),
  },
  agent !== null && h("option", { value: String(agent), selected: whom !== ALL }, `agent ${agent}`),
  h("option", { value: ALL, selected: whom === ALL }, "all agents")));
}

/** @param {{current: Run, model: ModelInfo | null, filled: Filled, fill: Fill}} props */
function Choices({ current, model, filled, fill }) {
  if (isByNumber(filled.kind, current)) return h(ByNumber, { current, filled, fill });
  const choices = choicesFor(filled.kind, model);
  const choice = choices.find(({ name }) => name === filled.name);
  if (filled.kind === "precision") {
    return h("label", null, "γ", h("input", {
      type: "text", inputMode: "decimal", "aria-label": "Precision", value: filled.number, placeholder: "16", autocomplete: "off",
      onInput: (/** @type {any} */ event) => fill({ number: event.currentTarget.value }),
    }));
  }
  if (!choice) return null;
  return [
    choices.length > 1 && h("label", { key: "name" }, filled.kind === "belief" ? "About" : "Modality", h("select", {
      "aria-label": filled.kind === "belief" ? "Factor" : "Modality", value: filled.name,
      onChange: (/** @type {any} */ event) => fill({ name: event.currentTarget.value, option: 0, numbers: [] }),
    }, choices.map(({ name, title }) => h("option", { key: name, value: name, selected: name === filled.name }, title)))),
    filled.kind === "preferences" ? h(Numbers, { key: "numbers", options: choice.options, filled, fill })
      : h("label", { key: "option" }, filled.kind === "move" ? "To" : "Says", h("select", {
        "aria-label": filled.kind === "observation" ? "Outcome" : filled.kind === "move" ? "Place" : "State", value: String(filled.option),
        onChange: (/** @type {any} */ event) => fill({ option: Number(event.currentTarget.value) }),
      }, choice.options.map((option, i) => h("option", { key: option, value: String(i), selected: i === filled.option }, option)))),
    filled.kind === "move" && h(OnCanvas, { key: "canvas", current, model, fill }),
  ];
}

/** The other end of an edge, or a cell. @param {{current: Run, filled: Filled, fill: Fill}} props */
function ByNumber({ current, filled, fill }) {
  const toCell = filled.kind === "move";
  const title = toCell ? "Cell" : "Other agent";
  return [
    h("label", { key: "number" }, title, h("input", {
      type: "text", inputMode: toCell ? "text" : "numeric", "aria-label": title, value: filled.number,
      placeholder: toCell ? "column,row" : "number", autocomplete: "off",
      onInput: (/** @type {any} */ event) => fill({ number: event.currentTarget.value }),
    })),
    toCell && h(OnCanvas, { key: "canvas", current, model: null, fill }),
  ];
}

/** @param {{options: string[], filled: Filled, fill: Fill}} props */
function Numbers({ options, filled, fill }) {
  return h("fieldset", { class: "preferences" }, h("legend", null, "Log-preferences in nats; empty is 0"),
    options.map((option, i) => h("label", { key: option }, option, h("input", {
      type: "text", inputMode: "decimal", value: filled.numbers[i] ?? "", placeholder: "0", autocomplete: "off",
      onInput: (/** @type {any} */ event) => {
        const numbers = options.map((_, at) => filled.numbers[at] ?? "");
        numbers[i] = event.currentTarget.value;
        fill({ numbers });
      },
    }))));
}

/** @param {{current: Run, model: ModelInfo | null, fill: Fill}} props */
function OnCanvas({ current, model, fill }) {
  const on = pointing.value !== null;
  const factor = model && placeFactor(model);
  useEffect(() => () => { pointing.value = null; }, []);
  if (current.view.kind !== "grid" || (model && !factor)) return null;
  const begin = () => {
    pointing.value = on ? null : (column, row) => {
      const { width, height } = current.view;
      const inside = column >= 0 && row >= 0 && column < width && row < height;
      const place = factor ? placeAt(current, factor, column, row) : inside ? 0 : -1;
      if (place < 0) return notify("No agent can be in that cell.");
      pointing.value = null;
      fill(factor ? { option: place } : { number: `${column},${row}` });
      return undefined;
    };
  };
  return h("button", { type: "button", class: "quiet", "aria-pressed": String(on), onClick: begin },
    on ? "Click a cell of the world, or press again" : "Pick the cell in the world");
}
