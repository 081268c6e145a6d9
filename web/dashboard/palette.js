// @ts-check
/** What the page can do, to be searched and done by Enter. */
import { h } from "./vendor/preact/preact.js";
import { useEffect, useMemo, useRef, useState } from "./vendor/preact/hooks.js";
import { found } from "./commands.js";

/** @typedef {import("./commands.js").Command} Command */

/** @param {{commands: () => Command[], onClose: () => void}} props */
export function Palette({ commands, onClose }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const [sought, setSought] = useState("");
  const [at, setAt] = useState(0);
  const all = useMemo(commands, []);
  const shown = found(all, sought);
  const chosen = Math.min(at, shown.length - 1);
  useEffect(() => dialog.current?.showModal(), []);
  useEffect(() => {
    dialog.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [chosen, sought]);
  const act = (/** @type {Command | undefined} */ command) => {
    if (!command) return;
    dialog.current?.close();
    command.act();
  };
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined) setAt((chosen + by + shown.length) % Math.max(1, shown.length));
    else if (event.key === "Enter") act(shown[chosen]);
    else return;
    event.preventDefault();
  };
  return h("dialog", { ref: dialog, class: "help palette", "aria-label": "Commands", onClose },
    h("input", {
      type: "text", role: "combobox", autofocus: true, placeholder: "What to do", "aria-label": "Search the commands", value: sought,
      "aria-expanded": "true", "aria-controls": "commands", "aria-activedescendant": shown[chosen] && `command-${chosen}`,
      autocomplete: "off", spellcheck: false, onKeyDown: pressed,
      onInput: (/** @type {any} */ event) => { setSought(event.currentTarget.value); setAt(0); },
    }),
    h("ul", { id: "commands", role: "listbox", "aria-label": "Commands" }, shown.map((command, i) => h("li", {
      key: command.text, id: `command-${i}`, role: "option", "aria-selected": String(i === chosen), onClick: () => act(command),
    }, h("span", null, command.text), command.shown && h("kbd", null, command.shown)))),
    shown.length === 0 && h("p", { class: "quiet" }, "Nothing found."));
}
