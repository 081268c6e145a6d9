// @ts-check
/** A sheet above the transport bar; closed by Esc. */
import { h } from "../vendor/preact/preact.js";
import { useEffect, useRef } from "../vendor/preact/hooks.js";
import { Icon } from "../icons.js";
import { closeSheet } from "./sheets.js";

/** @param {{title: string, children?: any}} props */
export function Sheet({ title, children }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const before = document.activeElement;
    box.current?.querySelector("input")?.focus();
    return () => { if (before instanceof HTMLElement && before.isConnected) before.focus(); };
  }, []);
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    closeSheet();
  };
  return h("section", { class: "sheet card", role: "dialog", "aria-label": title, ref: box, onKeyDown: pressed },
    h("header", null, h("h2", null, title),
      h("button", { class: "quiet icon-only", "aria-label": "Close", onClick: closeSheet }, h(Icon, { name: "close" }))),
    children);
}
