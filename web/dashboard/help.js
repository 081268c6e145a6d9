// @ts-check
/** What one can do here, with the keys; can be searched. */
import { h } from "./vendor/preact/preact.js";
import { useEffect, useRef, useState } from "./vendor/preact/hooks.js";
import { Icon } from "./icons.js";
import { BINDINGS } from "./keys.js";

const ALL = [...BINDINGS.map(({ shown, text }) => ({ shown, text })), { shown: "Ctrl K", text: "All commands" }, { shown: "?", text: "This help" }];

/** @param {{onClose: () => void}} props */
export function Help({ onClose }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const [sought, setSought] = useState("");
  useEffect(() => dialog.current?.showModal(), []);
  const word = sought.trim().toLowerCase();
  const found = ALL.filter(({ shown, text }) => `${shown} ${text}`.toLowerCase().includes(word));
  return h("dialog", { ref: dialog, class: "help", "aria-labelledby": "help-title", onClose },
    h("header", null, h("h2", { id: "help-title" }, "Keys and help"),
      h("button", { class: "quiet icon-only", "aria-label": "Close", onClick: onClose }, h(Icon, { name: "close" }))),
    h("p", null, "Agents act on beliefs; this page shows both while they change. Pick an agent in the world or in the table, and every panel shows that agent. The bar at the bottom plays, pauses and steps the run."),
    h("input", {
      type: "text", autofocus: true, inputMode: "search", placeholder: "Search", "aria-label": "Search the keys", value: sought,
      onInput: (/** @type {any} */ event) => setSought(event.currentTarget.value),
    }),
    h("dl", { class: "keys" }, found.map(({ shown, text }) =>
      h("div", { key: shown }, h("dt", null, h("kbd", null, shown)), h("dd", null, text)))),
    found.length === 0 && h("p", { class: "quiet" }, "Nothing found."));
}
