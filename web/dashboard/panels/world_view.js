// @ts-check
/** The world with its agents, coloured by a variable; an agent is picked by pointing or by keys. */
import { agentOf, identityOf } from "../world/identity.js";
import { Painting } from "../world/painting.js";
import { Scene } from "../world/scene.js";
import { pointing } from "../world/pointing.js";
import { connection, crowd, dark, part, pick, pickedAgent, query, run, useTopic } from "../stage.js";
import { looked, past } from "../time/past.js";
import { useEffect, useMemo, useRef, useState } from "../vendor/preact/hooks.js";
import { h } from "../vendor/preact/preact.js";
import { numbers, valueOf } from "./format.js";
import { inks } from "./inks.js";
import { Legend } from "./legend.js";
import { prefersStillness, useOnScreen } from "./seen.js";
import { readFrame } from "./still_frame.js";

/** @typedef {import("../watching.js").Run} Run */

const HZ = 20;
const ASPECT = 1.6;
const WAIT = 1200; // milliseconds until a frame is asked for where none flows
const color = part("color");

export function WorldView() {
  const current = run.value;
  if (!current) return h("figure", { class: "world vacant" }, h("p", null, "No run is chosen."));
  return h(World, { current, key: current.run });
}

/** @param {{current: Run}} world */
function World({ current }) {
  const { view, columns, agents } = current;
  const painting = useMemo(() => new Painting(view, columns, agents, ASPECT), []);
  const host = useRef(/** @type {HTMLDivElement | null} */ (null));
  const scene = useRef(/** @type {Scene | null} */ (null));
  /** What is painted, and what came last. */
  const newest = useRef(/** @type {Record<string, any> | null} */ (null));
  const live = useRef(/** @type {Record<string, any> | null} */ (null));
  const [hovered, setHovered] = useState({ row: -1, x: 0, y: 0 });
  const [, redrawLegend] = useState("");
  const seen = useOnScreen(host);
  const variables = painting.variables;
  const variable = variables.find(({ name }) => name === color.value) ?? variables[0];
  const range = painting.range(variable?.name ?? "");

  const take = (/** @type {Record<string, any>} */ data, moved = true) => {
    newest.current = data;
    const frame = painting.frame(data, variable, dark.peek());
    if (moved) scene.current?.move(frame);
    else scene.current?.paint(frame);
    redrawLegend(`${variable?.name} ${range.low} ${range.high}`);
  };
  const comesAndGoes = identityOf(columns) !== null;
  useScene({ host, scene, painting, setHovered });
  useTopic(seen ? `run.${current.run}.agents` : null, { mode: "latest", max_hz: HZ },
    ({ data }) => {
      live.current = data;
      if (comesAndGoes) crowd.value = { run: current.run, agents: data[view.x]?.length ?? 0 };
      if (looked.peek() === null) take(data);
    });
  const isPast = looked.value !== null;
  useStillFrame(current, seen && !isPast, live, take);
  useEffect(() => {
    const shown = isPast ? past.value?.data : live.current;
    if (shown && shown !== newest.current) take(shown);
  }, [past.value, isPast]);
  useEffect(() => scene.current?.setAwake(seen), [seen]);
  useEffect(() => scene.current?.pick(pickedAgent.value ?? -1), [pickedAgent.value]);
  useEffect(() => {
    scene.current?.setInks(inks());
    if (newest.current) take(newest.current, false);
  }, [dark.value, variable?.name]);
  return h("figure", { class: "world" },
    h(Bar, { variables, variable, range, scene, shaped: painting.onGrid }),
    h("div", { class: pointing.value ? "stage-canvas pointing" : "stage-canvas", ref: host, tabIndex: 0, role: "application", "aria-label": label(current) },
      h(Tip, { hovered, data: newest.current, painting, variable })),
    h("figcaption", null, view.sentence || `${agents} agents`,
      h("span", { class: "hint" }, "Wheel or + − zooms, dragging or arrows move, 0 fits; click or n, p picks an agent")));
}

/** @param {Run} current */
function label({ agents, title, view }) {
  return `${title}: ${agents} agents. ${view.sentence} Plus and minus zoom, 0 shows all, arrows move,`
    + " n and p pick the next and the previous agent. The table below holds the same agents.";
}

/**
 * @param {{host: {current: HTMLDivElement | null}, scene: {current: Scene | null}, painting: Painting,
 *   setHovered: (hovered: {row: number, x: number, y: number}) => void}} parts
 */
function useScene({ host, scene, painting, setHovered }) {
  useEffect(() => {
    if (!host.current) return undefined;
    const made = new Scene(host.current, inks(), {
      still: prefersStillness(),
      pick,
      hover: (row, x, y) => setHovered({ row, x, y }),
      point: (x, y) => {
        const told = pointing.peek();
        told?.(Math.floor(x), Math.floor(y));
        return told !== null;
      },
    });
    made.setGround(painting.ground, painting.radius);
    made.pick(pickedAgent.peek() ?? -1);
    scene.current = made;
    return () => {
      scene.current = null;
      made.close();
    };
  }, [painting]);
}

/**
 * A run that is paused sends no frame: ask for one.
 * @param {Run} current
 * @param {boolean} seen
 * @param {{current: Record<string, any> | null}} live
 * @param {(data: Record<string, any>) => void} take
 */
function useStillFrame(current, seen, live, take) {
  const open = connection.value.state === "OPEN";
  const taker = useRef(take);
  taker.current = take;
  useEffect(() => {
    if (!seen || !open) return undefined;
    const timer = setTimeout(async () => {
      if (live.current) return;
      const data = await readFrame(query, current);
      if (!data || live.current || looked.peek() !== null) return;
      live.current = data;
      taker.current(data);
    }, WAIT);
    return () => clearTimeout(timer);
  }, [seen, open]);
}

/**
 * @param {{variables: import("../watching.js").ColumnInfo[], variable: import("../watching.js").ColumnInfo | undefined,
 *   range: {low: number, high: number}, scene: {current: Scene | null}, shaped: boolean}} bar
 */
function Bar({ variables, variable, range, scene, shaped }) {
  const choose = (/** @type {Event} */ event) => {
    color.value = /** @type {HTMLSelectElement} */ (event.currentTarget).value;
  };
  return h("div", { class: "world-bar" },
    variable && h("label", null, "Colour ",
      h("select", { value: variable.name, onChange: choose },
        variables.map(({ name, title }) => h("option", { key: name, value: name }, title)))),
    variable && h(Legend, { variable, ...{ low: range.low, high: range.high }, dark: dark.value, shaped }),
    h("span", { class: "zoom" },
      h("button", { type: "button", "aria-label": "Zoom out", onClick: () => scene.current?.zoom(1 / 1.5) }, "−"),
      h("button", { type: "button", "aria-label": "Zoom in", onClick: () => scene.current?.zoom(1.5) }, "+"),
      h("button", { type: "button", onClick: () => scene.current?.fit() }, "Fit")));
}

/**
 * @param {{hovered: {row: number, x: number, y: number}, data: Record<string, any> | null, painting: Painting,
 *   variable: import("../watching.js").ColumnInfo | undefined}} tip
 */
function Tip({ hovered, data, painting, variable }) {
  if (hovered.row < 0) return null;
  const value = variable && data ? numbers(data[variable.name])?.[hovered.row] : undefined;
  const agent = agentOf(data && painting.ids(data), hovered.row);
  return h("div", { class: "tip", style: { left: `${hovered.x + 14}px`, top: `${hovered.y + 14}px` } },
    h("b", null, `Agent ${agent}`),
    variable && h("span", null, `${variable.title} ${valueOf(value, variable)} ${variable.unit}`));
}
