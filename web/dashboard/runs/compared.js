// @ts-check
/** Two runs against one another, as what charts show. Pure. */
import { Timeline } from "../charts/timeline.js";

/**
 * @typedef {{tick: number, columns: Record<string, number>}} Distance
 * @typedef {{tick: number, agent: number | null, variable: string, one: any, two: any}} Parting
 * @typedef {{runs: [string, string], first: number, last: number, lengths: [number, number], tick: number | null,
 *   parting: Parting | null, distances: Distance[]}} Difference
 * @typedef {{offset: number, data: Record<string, any>}} Told
 * @typedef {Timeline<Record<string, number>>} Rows
 */

/** The distances of each column over the ticks. @param {Distance[]} distances @returns {Rows} */
export function distanceRows(distances) {
  const rows = new Timeline((item) => item.data, Infinity);
  distances.forEach(({ tick, columns }, i) => {
    // They are told evenly spaced, so what lies between two of them is left out, not lost.
    const skipped = i === 0 ? 0 : tick - distances[i - 1].tick - 1;
    rows.push({ offset: tick, skipped, epoch: "one", data: columns });
  });
  return rows;
}

/** The columns that are apart anywhere. @param {Distance[]} distances */
export function columnsApart(distances) {
  const names = new Set(distances.flatMap(({ columns }) => Object.keys(columns)));
  return [...names].filter((name) => distances.some(({ columns }) => columns[name] > 0));
}

/**
 * Both runs' figures by tick, those of the first as `a.<name>`, of the other as `b.<name>`.
 * @param {Told[]} one
 * @param {Told[]} two
 * @returns {Rows}
 */
export function bothRows(one, two) {
  /** @type {Map<number, Record<string, number>>} */
  const all = new Map();
  for (const [sign, events] of /** @type {const} */ ([["a", one], ["b", two]])) {
    for (const { offset, data } of events) {
      const row = all.get(offset) ?? {};
      for (const [name, value] of Object.entries(data)) if (typeof value === "number") row[`${sign}.${name}`] = value;
      all.set(offset, row);
    }
  }
  const rows = new Timeline((item) => item.data, Infinity);
  for (const offset of [...all.keys()].sort((a, b) => a - b)) rows.push({ offset, epoch: "one", data: all.get(offset) });
  return rows;
}

/** The figures that both have. @param {Told[]} one @param {Told[]} two */
export function commonNames(one, two) {
  const names = Object.entries(one.at(-1)?.data ?? {}).filter(([, value]) => typeof value === "number").map(([name]) => name);
  return names.filter((name) => typeof two.at(-1)?.data[name] === "number");
}

/**
 * In one or two sentences where they part.
 * @param {Difference} difference
 * @param {(value: any) => string} shown
 * @param {string} [title] of the variable that differs first
 */
export function partingTold({ runs, first, last, tick, parting }, shown, title = parting?.variable) {
  if (tick === null) return `They are the same from tick ${first} to ${last}, which both have.`;
  const begin = `They part at tick ${tick}.`;
  if (!parting) return `${begin} What is shown of them is the same all the same.`;
  const { agent, one, two } = parting;
  const whose = `“${title}” of ${agent === null ? "the population" : `agent ${agent}`}`;
  const when = parting.tick === tick ? "" : ` at tick ${parting.tick}`;
  return `${begin} First ${whose}${when}: ${shown(one)} in ${runs[0]}, ${shown(two)} in ${runs[1]}.`;
}
