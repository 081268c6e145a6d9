// @ts-check
/** The tree of actors: what waits, what was handled, what failed. */
import { useQuery } from "../stage.js";
import { useRef, useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { duration, grouped } from "./format.js";
import { useOnScreen } from "./seen.js";
import { shownActors } from "./shown.js";

/**
 * @typedef {{path: string, class: string, state: string, mailbox: {depth: number, high_water: number, dropped: number},
 *   handled: number, seconds_per_message?: number, restarts: number, last_error: string | null, children: Actor[]}} Actor
 */

const PERIOD = 5000;
const WORDS = new Set(["Actor", "Class", "State", "Last error"]);

export function ActorTree() {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const seen = useOnScreen(box);
  const [root, setRoot] = useState(/** @type {Actor | null} */ (null));
  const [error, setError] = useState(/** @type {string | null} */ (null));
  const [open, setOpen] = useState(/** @type {ReadonlyMap<string, boolean>} */ (new Map()));
  useQuery(seen ? "actors.tree" : null, {}, {
    every: PERIOD,
    onResult: (tree) => { setRoot(tree); setError(null); },
    onError: (problem) => setError(problem.message),
  });
  const toggle = (/** @type {string} */ path, /** @type {boolean} */ isOpen) => {
    setOpen(new Map([...open, [path, isOpen]]));
  };
  return h("section", { class: "block actor-tree", ref: box, "aria-label": "Actors" },
    h("h3", null, "Actors ", h("span", { class: "quiet" }, "every 5 s")),
    error && h("p", { class: "error" }, error),
    !root && !error && h("p", { class: "quiet" }, "Asking…"),
    root && h("div", { class: "rows", tabIndex: 0 }, h("table", null,
      h(Head, null),
      h("tbody", null, shownActors(root, open).map(({ actor, depth, isOpen }) => h(Row, {
        key: actor.path, actor, depth, isOpen, toggle,
      }))))));
}

function Head() {
  const titles = ["Actor", "Class", "State", "Waiting", "Most", "Dropped", "Handled", "Per message", "Restarts", "Last error"];
  return h("thead", null, h("tr", null, titles.map(
    (title) => h("th", { key: title, scope: "col", class: WORDS.has(title) ? "words" : "" }, title))));
}

/** @param {{actor: Actor, depth: number, isOpen: boolean, toggle: (path: string, isOpen: boolean) => void}} row */
function Row({ actor, depth, isOpen, toggle }) {
  const { path, mailbox, children } = actor;
  const name = path.slice(path.lastIndexOf("/") + 1) || path;
  const warn = (/** @type {boolean} */ bad) => (bad ? "warn" : "");
  return h("tr", null,
    h("th", { scope: "row", title: path, style: { paddingLeft: `${0.5 + depth * 1.1}rem` } },
      children.length
        ? h("button", {
          type: "button",
          "aria-label": `Children of ${name}`,
          "aria-expanded": String(isOpen),
          onClick: () => toggle(path, !isOpen),
        }, isOpen ? "▾" : "▸")
        : h("i", { class: "leaf" }),
      name, !isOpen && h("span", { class: "quiet" }, ` ${children.length}`)),
    h("td", { class: "words" }, actor.class),
    h("td", { class: `words ${warn(actor.state !== "running")}` }, actor.state),
    h("td", { class: warn(mailbox.depth > 100) }, grouped(mailbox.depth)),
    h("td", null, grouped(mailbox.high_water)),
    h("td", { class: warn(mailbox.dropped > 0) }, grouped(mailbox.dropped)),
    h("td", null, grouped(actor.handled)),
    h("td", null, duration(actor.seconds_per_message)),
    h("td", { class: warn(actor.restarts > 0) }, grouped(actor.restarts)),
    h("td", { class: "words error", title: actor.last_error ?? "" }, actor.last_error ?? ""));
}
