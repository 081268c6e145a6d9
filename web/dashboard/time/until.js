// @ts-check
/** The form that lets the run go on until a condition holds. */
import { h } from "../vendor/preact/preact.js";
import { useRef, useState } from "../vendor/preact/hooks.js";
import { until } from "../steering.js";
import { run, tick } from "../watching.js";
import { Sheet } from "./sheet.js";
import { closeSheet } from "./sheets.js";
import { examplesFor, put } from "./wording.js";

/** @typedef {{condition: string, reason: string, at: number | null}} Problem */

/** What was typed last stays for the next time. */
let last = "";

export function UntilSheet() {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [typed, setTyped] = useState(run.value?.until ?? last);
  const [problem, setProblem] = useState(/** @type {Problem | null} */ (null));
  const type = (/** @type {string} */ text) => {
    setTyped(text);
    setProblem(null);
  };
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const condition = typed.trim();
    if (!condition) return;
    last = condition;
    try {
      await until(condition);
      closeSheet();
    } catch (/** @type {any} */ error) {
      setProblem({ condition, reason: firstLine(error), at: error.details?.at ?? null });
      setTyped(condition);
      field.current?.focus();
      if (error.details?.at !== undefined) field.current?.setSelectionRange(error.details.at, condition.length);
    }
  };
  return h(Sheet, { title: "Run until" },
    h("form", { class: "until-form", onSubmit: submit, noValidate: true },
      h("div", { class: "until-field" },
        h("input", {
          ref: field, type: "text", value: typed, maxLength: 500, "aria-label": "Condition", "aria-invalid": String(problem !== null),
          "aria-describedby": "until-error", placeholder: "any(surprise) > 3", autocomplete: "off", spellcheck: false,
          onInput: (/** @type {any} */ event) => type(event.currentTarget.value),
        }),
        h("button", { class: "primary", type: "submit", disabled: !typed.trim() }, "Run")),
      h("div", { id: "until-error", role: "status" }, problem && h(Complaint, { problem })),
      h(Names, { field, typed, type })));
}

/** What is wrong, with a caret under the place. @param {{problem: Problem}} props */
function Complaint({ problem: { condition, reason, at } }) {
  return h("div", { class: "complaint" },
    at !== null && h("pre", null, `${condition}\n${" ".repeat(at)}`, h("b", null, "^")),
    h("p", { class: "error" }, reason, at !== null && h("span", { class: "sr-only" }, ` At character ${at + 1}.`)));
}

/** The server's text draws the caret too; here it is drawn under the field. @param {any} error */
function firstLine(error) {
  return String(error.details?.reason ?? error.message ?? error).split("\n")[0];
}

/** Names to choose from, put where the caret is. @param {{field: {current: HTMLInputElement | null}, typed: string, type: (text: string) => void}} props */
function Names({ field, typed, type }) {
  const columns = run.value?.columns ?? [];
  const figures = Object.entries(tick.value?.data ?? {}).filter(([, value]) => typeof value === "number").map(([name]) => name);
  const insert = (/** @type {string} */ text) => {
    const { selectionStart, selectionEnd } = field.current ?? {};
    const { text: whole, at } = put(typed, text, selectionStart ?? typed.length, selectionEnd ?? typed.length);
    type(whole);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(at, at);
    });
  };
  const chips = (/** @type {string[]} */ names, /** @type {(name: string) => string} */ text) => names.map((name) => h("button", {
    key: name, type: "button", class: "chip", onClick: () => insert(text(name)),
  }, name));
  return h("dl", { class: "names" },
    h("div", null, h("dt", null, "Examples"), h("dd", null, examplesFor(columns, tick.value?.tick ?? 0).map((example) => h("button", {
      key: example, type: "button", class: "chip", onClick: () => { type(example); field.current?.focus(); },
    }, example)))),
    h("div", null, h("dt", null, "A value per agent, after any, all, mean, min, max or sum"),
      h("dd", null, chips(columns.map(({ name }) => name), (name) => `any(${name})`))),
    h("div", null, h("dt", null, "Of the tick"), h("dd", null, chips(["tick", "time", ...figures], (name) => name))),
    h("div", null, h("dt", null, "Between them"), h("dd", null, chips(["and", "or", "not", "<", ">", "="], (name) => ` ${name} `))));
}
