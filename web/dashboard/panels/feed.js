// @ts-check
/** What happened to actors, newest first: births, deaths, restarts, dead letters. */
import { connection, query, resumed, useTopic } from "../stage.js";
import { useEffect, useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { MOST_HAPPENED, newestFirst } from "./recent.js";

/** @typedef {import("./recent.js").Happened} Happened */

const TOPIC = "system.actors";
const BAD = new Set(["failed", "given_up", "dead_letters"]);

export function Feed() {
  const [events, setEvents] = useState(/** @type {Happened[]} */ ([]));
  const open = connection.value.state === "OPEN";
  useTopic(TOPIC, { mode: "all" }, (event) => setEvents((before) => newestFirst([event], before)));
  useEffect(() => {
    if (!open) return;
    query("history", { topic: TOPIC, limit: MOST_HAPPENED }).then(
      (found) => setEvents((before) => newestFirst(found.events, before)),
      // The feed goes on with what happens from now.
      () => undefined,
    );
  }, [open, resumed.value]);
  return h("section", { class: "block feed", "aria-label": "What happened to actors" },
    h("h3", null, "Births, deaths, restarts, dead letters"),
    events.length === 0 && h("p", { class: "quiet" }, "Nothing has happened yet."),
    h("ol", { tabIndex: 0 }, events.map(({ epoch, offset, data }) => h("li", { key: `${epoch} ${offset}` }, h(Line, { data })))));
}

/** @param {{data: any}} line */
function Line({ data }) {
  const { what = "event", path, name, sample, ...rest } = data ?? {};
  const bad = BAD.has(what);
  return [
    h("b", { class: bad ? "warn" : "" }, what.replaceAll("_", " ")),
    h("code", null, path ?? name ?? ""),
    h("span", { class: "quiet" }, [...facts(rest), ...(sample ?? []).map(letter)].join(" · ")),
  ];
}

/** @param {Record<string, any>} rest */
function facts(rest) {
  return Object.entries(rest)
    .filter(([, value]) => value !== null && value !== "")
    .map(([key, value]) => `${key.replaceAll("_", " ")} ${value}`);
}

/** @param {{path: string, message: string, reason: string}} lost */
function letter({ path, message, reason }) {
  return `${message} to ${path}: ${reason}`;
}
