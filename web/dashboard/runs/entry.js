// @ts-check
/** A parameter with its field, what it is about, and what is wrong with it. */
import { h } from "../vendor/preact/preact.js";
import { boundsOf } from "./fields.js";

/** @typedef {import("./fields.js").Field} Field */

/** @param {string} name of the field @param {string} [form] what its ids begin with */
export function focusOn(name, form = "parameter") {
  document.getElementById(`${form}-${name}`)?.focus();
}

/** @param {{field: Field, value: string | boolean, error?: string, onType: (name: string, value: string | boolean) => void, form?: string}} props
 *   `form`: what its ids begin with, as there may be two forms at a time */
export function Entry({ field, value, error, onType, form = "parameter" }) {
  const id = `${form}-${field.name}`;
  const bounds = boundsOf(field);
  const about = [error && `${id}-error`, `${id}-about`].filter(Boolean).join(" ");
  return h("div", { class: error ? "entry wrong" : "entry" },
    h("label", { for: id }, field.title ?? field.name, field.unit && h("span", { class: "unit" }, ` ${field.unit}`)),
    h(Input, { field, id, value, about, invalid: Boolean(error), onType }),
    error && h("p", { class: "error", id: `${id}-error` }, error),
    h("p", { class: "about", id: `${id}-about` },
      field.description && `${field.description.replace(/\.$/, "")}. `,
      bounds && field.name !== "seed" && h("span", { class: "bounds" }, `${bounds}.`)));
}

/** @param {{field: Field, id: string, value: string | boolean, about: string, invalid: boolean, onType: (name: string, value: string | boolean) => void}} props */
function Input({ field, id, value, about, invalid, onType }) {
  const shared = { id, name: field.name, "aria-describedby": about, "aria-invalid": invalid };
  if (field.type === "boolean") {
    return h("input", {
      ...shared, type: "checkbox", checked: Boolean(value),
      onChange: (/** @type {any} */ event) => onType(field.name, event.currentTarget.checked),
    });
  }
  const onInput = (/** @type {any} */ event) => onType(field.name, event.currentTarget.value);
  if (field.enum) {
    return h("select", { ...shared, value: String(value), onChange: onInput },
      field.enum.map((choice) => h("option", { key: choice, value: String(choice), selected: String(choice) === value }, String(choice))));
  }
  return h("input", {
    ...shared, type: "text", inputMode: field.type === "string" ? "text" : "decimal",
    value: String(value), onInput, placeholder: field.placeholder ?? String(field.default ?? ""),
    autocomplete: "off", spellcheck: false,
  });
}
