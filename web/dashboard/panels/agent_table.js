// @ts-check
/** All agents as a table that the server sorts, filters and pages. */
import { connection, part, pick, pickedAgent, query, run, tick } from "../stage.js";
import { looked, past } from "../time/past.js";
import { identityOf } from "../world/identity.js";
import { useEffect, useRef, useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { grouped, valueOf } from "./format.js";
import { pageOf } from "./past_page.js";
import { useOnScreen } from "./seen.js";

/** @typedef {import("../watching.js").Run} Run */
/** @typedef {{agents: Record<string, any>[], total: number, tick: number}} Page */

const ROWS = 25;
const PERIOD = 2000; // milliseconds; the message budget of the connection
const filterPart = part("filter");

export function AgentTable() {
  const current = run.value;
  if (!current) return null;
  return h(Table, { current, key: current.run });
}

/** @param {{current: Run}} table */
function Table({ current }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  const seen = useOnScreen(box);
  const [sort, setSort] = useState("");
  const [offset, setOffset] = useState(0);
  const filter = filterPart.value ?? "";
  const isPast = looked.value !== null;
  const found = usePage({ run: current.run, offset, limit: ROWS, sort, filter }, seen && !isPast);
  const page = isPast ? past.value && pageOf(past.value, { offset, limit: ROWS, sort }) : found.page;
  const error = isPast && filter ? "The filter waits until you are back to live." : isPast ? null : found.error;
  const change = (/** @type {string} */ text) => {
    filterPart.value = text || null;
    setOffset(0);
  };
  return h("section", { class: "agent-table", ref: box, "aria-label": "Table of agents" },
    h(Filter, { filter, change, error, names: current.columns.map(({ name }) => name) }),
    h("div", { class: "rows", tabIndex: 0, role: "region", "aria-label": "Rows of agents" },
      h("table", null,
        h(Head, { columns: current.columns, sort, setSort: (by) => { setSort(by); setOffset(0); } }),
        h("tbody", null, page?.agents.map((agent) => h(Row, { key: agent.agent, agent, columns: current.columns, by: identityOf(current.columns) ?? "agent" })))),
      page && !page.agents.length && h("p", { class: "quiet" }, "No agent passes the filter.")),
    page && h(Pager, { page, offset, setOffset }));
}

/**
 * The page asked for, anew every two seconds while it is seen and ticks come.
 * @param {{run: string, offset: number, limit: number, sort: string, filter: string}} wanted
 * @param {boolean} seen
 */
function usePage(wanted, seen) {
  const [page, setPage] = useState(/** @type {Page | null} */ (null));
  const [error, setError] = useState(/** @type {string | null} */ (null));
  const open = connection.value.state === "OPEN";
  useEffect(() => {
    if (!seen || !open) return undefined;
    let live = true;
    let shown = -2;
    let notBefore = 0;
    const params = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== ""));
    const ask = async () => {
      const now = tick.peek()?.tick ?? -1;
      if (now === shown || performance.now() < notBefore) return;
      shown = now;
      try {
        const found = await query("run.agents", params);
        if (!live) return;
        setPage(found);
        setError(null);
      } catch (problem) {
        if (!live) return;
        const { message, details } = /** @type {any} */ (problem);
        notBefore = performance.now() + 1000 * (details?.retry_after ?? 0);
        setError(reason(details) ?? message ?? String(problem));
      }
    };
    ask();
    const timer = setInterval(ask, PERIOD);
    return () => {
      live = false;
      clearInterval(timer);
    };
  }, [seen, open, ...Object.values(wanted)]);
  return { page, error };
}

/** @param {Record<string, any> | undefined} details */
function reason(details) {
  return typeof details?.reason === "string" ? details.reason : null;
}

/** @param {{filter: string, change: (text: string) => void, error: string | null, names: string[]}} filter */
function Filter({ filter, change, error, names }) {
  const example = names.includes("entropy") ? "entropy>0.5" : `${names[0] ?? "agent"}>0`;
  return h("form", {
    class: "filter-form",
    role: "search",
    onSubmit: (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      change(String(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("filter")).trim());
    },
  },
  h("label", null, "Filter ",
    h("input", {
      name: "filter",
      class: "filter",
      type: "search",
      key: filter,
      defaultValue: filter,
      placeholder: `${example}, agent<100`,
      title: "column, one of < <= > >= = !=, number; a comma means and",
      "aria-describedby": "filter-error",
      "aria-invalid": error ? "true" : "false",
    })),
  h("button", { type: "submit" }, "Apply"),
  filter && h("button", { type: "button", onClick: () => change("") }, "Clear"),
  h("span", { id: "filter-error", class: "error", role: "status" }, error));
}

/** @param {{columns: Run["columns"], sort: string, setSort: (by: string) => void}} head */
function Head({ columns, sort, setSort }) {
  // First falling, as the largest are what one looks for; then rising; then by number again.
  const next = (/** @type {string} */ name) => (sort === `-${name}` ? name : sort === name ? "" : `-${name}`);
  const direction = (/** @type {string} */ name) => (sort === `-${name}` ? "descending" : sort === name ? "ascending" : "none");
  return h("thead", null, h("tr", null, h("th", { scope: "col" }, "Agent"),
    columns.map(({ name, title, unit, kind }) => h("th", { key: name, scope: "col", class: kind, "aria-sort": direction(name) },
      h("button", { type: "button", onClick: () => setSort(next(name)), title: `Sort by ${title}` },
        title, unit && h("span", { class: "unit" }, ` ${unit}`),
        h("i", { "aria-hidden": "true" }, { descending: "▼", ascending: "▲", none: "" }[direction(name)]))))));
}

/** @param {{agent: Record<string, any>, columns: Run["columns"], by: string}} row `by`: the column by which it goes */
function Row({ agent, columns, by }) {
  const number = Number(agent[by]);
  const picked = pickedAgent.value === number;
  return h("tr", { class: picked ? "picked" : "", "aria-current": picked ? "true" : undefined, onClick: () => pick(number) },
    h("th", { scope: "row" }, h("button", { type: "button", onClick: () => pick(number) }, String(number))),
    columns.map((column) => h("td", { key: column.name, class: column.kind }, valueOf(agent[column.name], column))));
}

/** @param {{page: Page, offset: number, setOffset: (offset: number) => void}} pager */
function Pager({ page, offset, setOffset }) {
  const { total } = page;
  const last = Math.max(0, Math.floor((total - 1) / ROWS) * ROWS);
  const end = Math.min(total, offset + page.agents.length);
  const go = (/** @type {string} */ name, /** @type {string} */ sign, /** @type {number} */ to, /** @type {boolean} */ off) =>
    h("button", { type: "button", "aria-label": name, disabled: off, onClick: () => setOffset(to) }, sign);
  return h("nav", { class: "pager", "aria-label": "Pages of agents" },
    go("First page", "⇤", 0, offset === 0),
    go("Previous page", "←", Math.max(0, offset - ROWS), offset === 0),
    h("span", null, total ? `${grouped(offset + 1)}–${grouped(end)} of ${grouped(total)}` : "none"),
    go("Next page", "→", offset + ROWS, offset >= last),
    go("Last page", "⇥", last, offset >= last),
    h("span", { class: "quiet" }, `tick ${grouped(page.tick)}${looked.value === null ? ", every 2 s" : ", recorded"}`));
}
