// @ts-check
/** The protocol console: a connection of its own in JSON, every frame of it as it is. */
import { h } from "../vendor/preact/preact.js";
import { useEffect, useRef, useState } from "../vendor/preact/hooks.js";
import { runName } from "../location.js";
import { bytes } from "../panels/format.js";
import { address, token } from "../token.js";
import { Exchange } from "./exchange.js";

/** @typedef {import("./exchange.js").Frame} Frame */

/** @type {{title: string, make: (run: string) => object}[]} */
const EXAMPLES = [
  { title: "Ping", make: () => ({ type: "ping", id: "1" }) },
  { title: "Server", make: () => ({ type: "query", query: "server.info", id: "2" }) },
  { title: "Runs", make: () => ({ type: "query", query: "runs.list", id: "3" }) },
  { title: "Subscribe", make: (run) => ({ type: "subscribe", events: [`run.${run}.tick`], max_hz: 1, mode: "latest", id: "4" }) },
  { title: "Unsubscribe", make: () => ({ type: "unsubscribe", id: "5" }) },
  { title: "A mistake", make: () => ({ type: "query", query: "server.inof", id: "6" }) },
];

export function ConsolePanel() {
  const [frames, setFrames] = useState(/** @type {Frame[]} */ ([]));
  const [open, setOpen] = useState(false);
  const exchange = useRef(/** @type {Exchange | null} */ (null));
  useEffect(() => {
    const own = new Exchange({
      url: address(),
      token: token.peek(),
      onFrames: setFrames,
      onOpen: setOpen,
    });
    exchange.current = own;
    own.open();
    return () => own.close();
  }, []);
  const send = (/** @type {string} */ text) => exchange.current?.send(text);
  return h("div", { class: "console" },
    h("section", { class: "card", "aria-label": "Send a message" },
      h("h2", null, "Protocol console"),
      h("p", { class: "about" }, "A connection of its own, in JSON. What you send goes out as it stands, mistakes too; each frame of both directions is listed with its size."),
      h(Composer, { open, onSend: send, onOpen: () => exchange.current?.open() })),
    h("section", { class: "card frames", "aria-label": "Frames" },
      h("header", null, h("h2", null, "Frames"),
        h("button", { class: "quiet", onClick: () => exchange.current?.clear() }, "Clear")),
      h(Frames, { frames })));
}

/** @param {{open: boolean, onSend: (text: string) => void, onOpen: () => void}} props */
function Composer({ open, onSend, onOpen }) {
  const shown = (/** @type {object} */ message) => JSON.stringify(message, null, 2);
  const [text, setText] = useState(() => shown(EXAMPLES[0].make("")));
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    onSend(text);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  };
  return h("form", { onSubmit: submit },
    h("div", { class: "examples", role: "group", "aria-label": "Examples" }, EXAMPLES.map(({ title, make }) =>
      h("button", { key: title, type: "button", class: "quiet", onClick: () => setText(shown(make(runName.peek() ?? "RUN"))) }, title))),
    h("label", { class: "spoken", for: "message" }, "Message"),
    h("textarea", {
      id: "message", rows: 9, spellcheck: false, value: text, onKeyDown,
      onInput: (/** @type {any} */ event) => setText(event.currentTarget.value),
    }),
    h("div", { class: "submit" },
      h("button", { class: "primary", type: "submit", disabled: !open }, "Send"),
      h("span", { class: "unit" }, "Ctrl+Enter"),
      !open && h("button", { class: "quiet", type: "button", onClick: onOpen }, "Connect")));
}

/** @param {{frames: Frame[]}} props */
function Frames({ frames }) {
  if (frames.length === 0) return h("p", { class: "quiet" }, "No frame yet.");
  return h("ol", { class: "frame-list", tabIndex: 0, "aria-label": "Frames, newest first" }, frames.map((frame) =>
    h("li", { key: frame.number, class: frame.direction },
      h("details", null,
        h("summary", null,
          h("span", { class: "direction" }, { out: "sent", in: "received", note: "socket" }[frame.direction]),
          h("span", { class: "kind" }, frame.kind),
          h("time", null, frame.at.toISOString().slice(11, 23)),
          h("span", { class: "size" }, frame.direction === "note" ? "" : bytes(frame.size))),
        h("pre", null, pretty(frame.text))))));
}

/** @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
