// @ts-check
/** The sweeps there are, how far each is, and what can be done with them. */
import { client, connection, mayControl } from "../connection.js";
import { notify } from "../notices.js";
import { grouped } from "../panels/format.js";
import { useEffect, useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { signal } from "../vendor/signals/signals.js";
import { subscribe, visible } from "../visible.js";
import { FileLink } from "./file_link.js";
import { SweepForm } from "./sweep_form.js";

/** @typedef {import("../../client/types.js").Sweep} Sweep */

const sweeps = signal(/** @type {Sweep[] | null} */ (null));

export function Sweeps() {
  const [making, setMaking] = useState(false);
  const open = connection.value.state === "OPEN" && visible.value;
  useEffect(() => {
    if (!open) return undefined;
    client.query("sweeps.list").then((result) => { sweeps.value = result.sweeps; }, (error) => notify(error.message));
    return subscribe("sweep.*.progress", { mode: "latest", max_hz: 4 }, ({ data }) => put(data));
  }, [open]);
  const known = sweeps.value ?? [];
  return h("section", { class: "card run-list sweeps", "aria-label": "Sweeps" },
    h("header", null, h("h2", null, "Sweeps"),
      mayControl.value && h("button", { class: "quiet", "aria-expanded": making, onClick: () => setMaking(!making) }, making ? "Close" : "New sweep…")),
    known.length === 0 && !making && h("p", { class: "quiet" }, "A sweep runs a scenario at many values of its parameters, each with the same seeds, into one table."),
    making && h(SweepForm, { onStarted: () => setMaking(false) }),
    known.length > 0 && h("ul", { class: "sweep-list" }, [...known].reverse().map((sweep) => h(Row, { key: sweep.sweep, sweep }))));
}

/** @param {Sweep} told */
function put(told) {
  const others = (sweeps.peek() ?? []).filter(({ sweep }) => sweep !== told.sweep);
  sweeps.value = [...others, told].sort((a, b) => a.started_at.localeCompare(b.started_at));
}

/** @param {{sweep: Sweep}} props */
function Row({ sweep }) {
  const { done, failed, failures, reason, runs, scenario, state, tables } = sweep;
  const words = `${grouped(done)} of ${grouped(runs)} runs${failed ? `, ${grouped(failed)} failed` : ""}`;
  return h("li", null,
    h("div", { class: "sweep-head" },
      h("strong", null, sweep.sweep), h("span", { class: "quiet" }, scenario),
      h("span", { class: `state ${state === "stopped" ? "paused" : state}` }, state),
      h("span", { class: "ways" },
        state === "running" && h(Change, { sweep, command: "sweep.stop", text: "Stop" }),
        state !== "running" && done < runs && h(Change, { sweep, command: "sweep.resume", text: "Go on" }),
        tables.map((table) => h(Table, { key: table, sweep: sweep.sweep, table })))),
    h("progress", { max: runs, value: done, "aria-label": `Progress of ${sweep.sweep}` }, words),
    h("span", { class: "figures" }, words),
    reason && h("p", { class: "error" }, reason),
    failed > 0 && h("details", null, h("summary", null, "What failed"),
      h("ul", null, Object.entries(failures).map(([name, why]) => h("li", { key: name }, `${name}: ${why}`)))));
}

/** @param {{sweep: Sweep, command: string, text: string}} props */
function Change({ sweep, command, text }) {
  if (!mayControl.value) return null;
  const onClick = () => client.command(command, { sweep: sweep.sweep }).then(put, (error) => notify(error.message));
  return h("button", { class: "link", onClick, "aria-label": `${text} ${sweep.sweep}` }, text);
}

/** @param {{sweep: string, table: string}} props */
function Table({ sweep, table }) {
  const ending = table.split(".").at(-1) ?? "csv";
  return h(FileLink, {
    href: `/api/v1/sweeps/${encodeURIComponent(sweep)}/${table}`, name: `${sweep}.${ending}`,
    label: `Table of ${sweep} as ${ending}`, text: ending === "csv" ? "CSV" : "Parquet",
  });
}
