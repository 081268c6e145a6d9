// @ts-check
/**
 * A chart as a figure: title with its unit, series with their values at the cursor, its numbers as
 * a table, as CSV and as a picture.
 * @typedef {import("./plot.js").Content & {title: string, unit?: string, tall?: boolean}} Props
 */
import { inks as readInks } from "../panels/inks.js";
import { bytes, number, short } from "../panels/format.js";
import { useOnScreen } from "../panels/seen.js";
import { dark } from "../stage.js";
import { useEffect, useRef, useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { paced } from "./pace.js";
import { Plot } from "./plot.js";

const TABLE_ROWS = 60;

/** @param {Props} props */
export function Chart(props) {
  const { title, unit, tall } = props;
  const host = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [table, setTable] = useState(false);
  const [row, setRow] = useState(/** @type {number | null} */ (null));
  const [hidden, setHidden] = useState(/** @type {string[]} */ ([]));
  const plot = usePlot({ props, host, table, hidden, setRow });
  const toggle = (/** @type {string} */ name) => {
    const shown = hidden.includes(name);
    setHidden(shown ? hidden.filter((one) => one !== name) : [...hidden, name]);
    plot.current?.show(name, shown);
  };
  return h("figure", { class: `chart${tall ? " tall" : ""}` },
    h("figcaption", null,
      h("span", { class: "chart-title", title }, title, unit && h("span", { class: "unit" }, ` ${unit}`)),
      h(Actions, { props, plot, table, setTable }),
      h(Legend, { props, plot: plot.current, row, hidden, toggle })),
    table
      ? h(Table, { props })
      : h("div", { class: "plot", ref: host, role: "img", "aria-label": label(props) }));
}

/**
 * A hook: the plot in its host, drawn at the pace of charts while it is seen.
 * @param {{props: Props, host: {current: HTMLDivElement | null}, table: boolean, hidden: string[],
 *   setRow: (row: number | null) => void}} parts
 */
function usePlot({ props, host, table, hidden, setRow }) {
  const { series, group, timeline } = props;
  const plot = useRef(/** @type {Plot | null} */ (null));
  const seen = useOnScreen(host);
  const parts = [dark.value, series.map(({ name }) => name).join(" "), timeline, group, table];
  const [, refresh] = useState("");
  useEffect(() => {
    if (!host.current || table) return undefined;
    const made = new Plot(host.current, props, readInks(), setRow);
    for (const name of hidden) made.show(name, false);
    plot.current = made;
    return () => {
      plot.current = null;
      made.close();
    };
  }, parts);
  useEffect(() => {
    if (!seen) return undefined;
    const draw = () => {
      plot.current?.draw();
      // The values beside the titles, or the table, follow.
      refresh(`${timeline.version} ${plot.current !== null} ${group.at.peek()}`);
    };
    draw();
    return paced(draw);
  }, [seen, ...parts]);
  return plot;
}

/** @param {Props} props */
function label({ title, unit = "", group }) {
  return `${title} ${unit} over ${group.unit}s. Its numbers are behind the button Table.`;
}

/** @param {Props} props */
function formatOf({ format, binary }) {
  return format ?? (binary ? bytes : number);
}

/** @param {{props: Props, plot: Plot | null, row: number | null, hidden: string[], toggle: (name: string) => void}} legend */
function Legend({ props, plot, row, hidden, toggle }) {
  const values = plot ? plot.values(row) : [];
  const colors = plot?.inks.series ?? [];
  const format = formatOf(props);
  return h("span", { class: "series" }, props.series.map((one, i) => h("button", {
    key: one.name,
    type: "button",
    class: one.dash ? "dashed" : "",
    "aria-pressed": String(!hidden.includes(one.name)),
    title: `Show or hide ${one.title}`,
    onClick: () => toggle(one.name),
  },
  h("i", { style: { borderColor: colors[(one.color ?? i) % Math.max(1, colors.length)] ?? "" } }),
  one.title, h("b", null, values[i + 1] == null ? "–" : format(values[i + 1])))));
}

/** @param {{props: Props, plot: {current: Plot | null}, table: boolean, setTable: (on: boolean) => void}} actions */
function Actions({ props, plot, table, setTable }) {
  const { title, unit, timeline, series, group } = props;
  const saveCsv = async () => {
    const { csv, download, fileName } = await import("./save.js");
    const rows = timeline.rows.map((values, place) => [
      timeline.offsets[place], ...series.map(({ name }) => values[name])]);
    const text = csv([group.unit, ...series.map((one) => one.name)], rows);
    download(`${fileName(title)}.csv`, new Blob([text], { type: "text/csv" }));
  };
  const savePng = async () => {
    const { savePicture } = await import("./save.js");
    if (!plot.current) return;
    const whole = `${title}${unit ? `, ${unit}` : ""}`;
    savePicture(plot.current.canvas, whole, series.map((one) => one.title), plot.current.inks);
  };
  return h("span", { class: "chart-actions" },
    h("button", { type: "button", "aria-pressed": String(table), onClick: () => setTable(!table) }, "Table"),
    h("button", { type: "button", onClick: saveCsv, "aria-label": `CSV of ${title}` }, "CSV"),
    h("button", { type: "button", disabled: table, onClick: savePng, "aria-label": `PNG of ${title}` }, "PNG"));
}

/** @param {{props: Props}} table */
function Table({ props }) {
  const { title, timeline, series, group } = props;
  const format = formatOf(props);
  const first = Math.max(0, timeline.rows.length - TABLE_ROWS);
  const rows = timeline.rows.slice(first).map((values, i) => ({ at: timeline.offsets[first + i], values }));
  return h("div", { class: "plot-table", tabIndex: 0 }, h("table", null,
    h("caption", null, `${title}: the last ${rows.length} of ${short(timeline.rows.length)} rows`),
    h("thead", null, h("tr", null, h("th", { scope: "col" }, group.unit),
      series.map((one) => h("th", { scope: "col", key: one.name }, one.title)))),
    h("tbody", null, rows.reverse().map(({ at, values }) => h("tr", { key: at },
      h("th", { scope: "row" }, at),
      series.map((one) => h("td", { key: one.name }, format(values[one.name]))))))));
}
