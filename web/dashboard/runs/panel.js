// @ts-check
/** The runs there are, and the form for another. */
import { h } from "../vendor/preact/preact.js";
import { useEffect } from "../vendor/preact/hooks.js";
import { connection, mayControl } from "../connection.js";
import { panel, runName } from "../location.js";
import { grouped } from "../panels/format.js";
import { visible } from "../visible.js";
import { loadRuns, runs } from "../watching.js";
import { openFork } from "../time/sheets.js";
import { replayFrom } from "../time/travel.js";
import { choose, chosenRuns, Compare } from "./compare.js";
import { FileLink } from "./file_link.js";
import { StartForm } from "./form.js";
import { Sweeps } from "./sweeps.js";

const REFRESH = 5_000;

/** @typedef {import("../watching.js").RunEntry} RunEntry */

export function RunsPanel() {
  const open = connection.value.state === "OPEN" && visible.value;
  useEffect(() => {
    if (!open) return undefined;
    loadRuns();
    const timer = setInterval(loadRuns, REFRESH);
    return () => clearInterval(timer);
  }, [open]);
  const [one, two] = chosenRuns();
  return h("div", { class: "runs" },
    h("div", { class: "runs-known" },
      h("section", { class: "card run-list", "aria-label": "Runs" },
        h("header", null, h("h2", null, "Runs"), h("p", { class: "quiet" }, hint(one, two))), h(RunList, null)),
      two ? h(Compare, { key: `${one} ${two}`, one, two }) : null,
      h(Sweeps, null)),
    h("section", { class: "card", "aria-label": "Start a run" }, h(StartForm, null)));
}

/** @param {string | undefined} one @param {string | undefined} two */
function hint(one, two) {
  if (two) return "";
  return one ? `Choose another one to compare with ${one}.` : "Choose two to compare them.";
}

function RunList() {
  const entries = runs.value;
  if (entries === null) return h("p", { class: "quiet" }, "Asking…");
  if (entries.length === 0) {
    return h("p", { class: "quiet" }, "There is no run yet. Choose a scenario and press Start run.");
  }
  return h("div", { class: "table-scroll", tabIndex: 0, role: "region", "aria-label": "List of runs" },
    h("table", { class: "list" },
      h("thead", null, h("tr", null, h("th", { scope: "col" }, h("span", { class: "spoken" }, "Compare")), ["Run", "Scenario", "State"].map((title) => h("th", { key: title, scope: "col" }, title)),
        ["Tick", "Agents", "Seed"].map((title) => h("th", { key: title, scope: "col", class: "number" }, title)),
        h("th", { scope: "col" }, "Started"), h("th", { scope: "col" }, "Record"))),
      h("tbody", null, entries.map((entry) => h(Row, { key: entry.run, entry })))));
}

/** @param {{entry: RunEntry}} props */
function Row({ entry }) {
  const chosen = entry.run === runName.value;
  const show = () => {
    runName.value = entry.run;
    panel.value = null;
  };
  return h("tr", { class: chosen ? "picked" : "" },
    h("td", null, !entry.replay && h("input", {
      type: "checkbox", "aria-label": `Compare ${entry.run}`, checked: chosenRuns().includes(entry.run), onChange: () => choose(entry.run),
    })),
    h("th", { scope: "row" }, h("button", { class: "link", onClick: show, "aria-current": chosen ? "true" : undefined }, entry.run),
      h(Origin, { entry })),
    h("td", null, entry.scenario),
    h("td", null, h("span", { class: `state ${entry.state}`, title: entry.reason ?? "" }, entry.state),
      entry.state === "failed" && entry.reason && h("p", { class: "error" }, entry.reason)),
    h("td", { class: "number" }, grouped(entry.tick)),
    h("td", { class: "number" }, grouped(entry.agents)),
    h("td", { class: "number" }, String(entry.seed)),
    h("td", null, h(Started, { at: entry.started_at })),
    h("td", null, !entry.replay && h("span", { class: "ways" }, h(FileLink, {
      href: `/api/v1/runs/${encodeURIComponent(entry.run)}/export?format=csv`, name: `${entry.run}.csv`,
      label: `Record of ${entry.run} as CSV`, text: "CSV",
    }), h(Ways, { entry }))));
}

/** @param {{entry: RunEntry}} props */
function Ways({ entry: { run, tick, parent } }) {
  if (!mayControl.value || tick < 1) return null;
  return [
    h("button", {
      key: "replay", class: "link", "aria-label": `Replay ${run}`, title: "Shows its recorded ticks again",
      onClick: () => replayFrom(1 + (parent?.tick ?? 0), run),
    }, "Replay"),
    h("button", {
      key: "fork", class: "link", "aria-label": `Fork ${run}`, title: "Goes on from one of its ticks as another run",
      onClick: () => openFork(run),
    }, "Fork…"),
  ];
}

/** @param {{entry: RunEntry}} props */
function Origin({ entry: { parent, replay } }) {
  const text = replay ? `replay of ${replay.run}` : parent && `fork of ${parent.run} at tick ${grouped(parent.tick)}`;
  return text ? h("span", { class: "origin" }, text) : null;
}

/** @param {{at: string}} props */
function Started({ at }) {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return String(at ?? "–");
  return h("time", { dateTime: date.toISOString(), title: date.toLocaleString() },
    date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" }));
}
