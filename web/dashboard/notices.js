// @ts-check
/** Short messages to the viewer: what could not be done, and why. */
import { h } from "./vendor/preact/preact.js";
import { signal } from "./vendor/signals/signals.js";
import { Icon } from "./icons.js";

/**
 * @typedef {"error" | "done" | "met"} Kind
 * @typedef {{id: number, text: string, kind: Kind, more?: any}} Notice
 */

const LASTS = 8_000;
const MOST = 4;
let count = 0;

export const notices = signal(/** @type {Notice[]} */ ([]));

/**
 * @param {string} text
 * @param {Kind} [kind]
 * @param {{stays?: boolean, more?: any}} [options] `stays`: until it is dismissed; `more`: what one can do about it
 */
export function notify(text, kind = "error", { stays = false, more } = {}) {
  count += 1;
  const id = count;
  const others = notices.peek().filter((notice) => notice.text !== text);
  notices.value = [...others, { id, text, kind, more }].slice(-MOST);
  if (!stays) setTimeout(() => dismiss(id), LASTS);
}

/** @param {number} id */
function dismiss(id) {
  notices.value = notices.peek().filter((notice) => notice.id !== id);
}

export function Notices() {
  return h("ul", { class: "notices", role: "status" }, notices.value.map(({ id, text, kind, more }) =>
    h("li", { key: id, class: `notice ${kind}` }, h("div", null, h("span", null, text), more),
      h("button", { class: "quiet icon-only", "aria-label": "Dismiss", onClick: () => dismiss(id) },
        h(Icon, { name: "close" })))));
}
