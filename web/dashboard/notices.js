// @ts-check
/** Short messages to the viewer: what could not be done, and why. */
import { h } from "./vendor/preact/preact.js";
import { signal } from "./vendor/signals/signals.js";
import { Icon } from "./icons.js";

/** @typedef {{id: number, text: string, kind: "error" | "done"}} Notice */

const LASTS = 8_000;
const MOST = 4;
let count = 0;

export const notices = signal(/** @type {Notice[]} */ ([]));

/** @param {string} text @param {"error" | "done"} [kind] */
export function notify(text, kind = "error") {
  count += 1;
  const id = count;
  const others = notices.peek().filter((notice) => notice.text !== text);
  notices.value = [...others, { id, text, kind }].slice(-MOST);
  setTimeout(() => dismiss(id), LASTS);
}

/** @param {number} id */
function dismiss(id) {
  notices.value = notices.peek().filter((notice) => notice.id !== id);
}

export function Notices() {
  return h("ul", { class: "notices", role: "status" }, notices.value.map(({ id, text, kind }) =>
    h("li", { key: id, class: `notice ${kind}` }, h("span", null, text),
      h("button", { class: "quiet icon-only", "aria-label": "Dismiss", onClick: () => dismiss(id) },
        h(Icon, { name: "close" })))));
}
