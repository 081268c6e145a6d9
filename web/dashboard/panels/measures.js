// @ts-check
/** Which numbers of a tick, and of the machine, make which charts. Pure. */

/** @typedef {import("../charts/plot.js").Series} Series */
/** @typedef {{title: string, unit?: string, series: Series[], floor?: number}} Described */

// Names that belong in one chart, as what they measure is compared.
/** @type {Described[]} */
const KNOWN = [
  {
    title: "Entropy of beliefs",
    unit: "nats",
    series: [
      { name: "entropy_p95", title: "p95", color: 0, dash: true, band: "entropy_p05" },
      { name: "entropy_p50", title: "p50", color: 0 },
      { name: "entropy", title: "mean", color: 1 },
      { name: "entropy_p05", title: "p05", color: 0, dash: true },
    ],
  },
  {
    title: "Surprise and free energy",
    unit: "nats, mean",
    series: [
      { name: "surprise", title: "surprise", color: 2 },
      { name: "free_energy", title: "free energy", color: 3, dash: true },
    ],
  },
  {
    title: "Value of the chosen policy",
    unit: "nats, mean",
    series: [
      { name: "epistemic", title: "epistemic", color: 0 },
      { name: "pragmatic", title: "pragmatic", color: 1 },
    ],
  },
  { title: "Reward", unit: "mean", series: [{ name: "reward", title: "reward", color: 1 }] },
  { title: "Ties", unit: "fraction of agents", series: [{ name: "ties", title: "ties", color: 4 }], floor: 0.05 },
];
const MOST = 8; // charts at most; a scenario with more measures shows the first

/**
 * The charts for the numbers that a tick has; a measure that only the scenario knows gets its own.
 * @param {readonly string[]} names
 * @returns {Described[]}
 */
export function described(names) {
  const there = new Set(names);
  const known = KNOWN.map((chart) => ({ ...chart, series: chart.series.filter(({ name }) => there.has(name)) }));
  const taken = new Set(KNOWN.flatMap(({ series }) => series.map(({ name }) => name)));
  const own = names.filter((name) => !taken.has(name)).map((name, i) => ({
    title: readable(name),
    series: [{ name, title: readable(name).toLowerCase(), color: (i + 2) % 6 }],
  }));
  // What the scenario is about comes right after what every mind has.
  return [...known.slice(0, 2), ...own, ...known.slice(2)].filter(({ series }) => series.length).slice(0, MOST);
}

/** @param {string} name */
export function readable(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The numbers of a tick. @param {any} data @returns {Record<string, number>} */
export function figures(data) {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => typeof value === "number" || value === null));
}

/**
 * Every number of the metrics under its path. Pure.
 * @param {Record<string, any>} data
 * @param {string} [path]
 * @returns {Record<string, number>}
 */
export function flat(data, path = "") {
  return Object.fromEntries(Object.entries(data).flatMap(([name, value]) => {
    if (value && typeof value === "object") return Object.entries(flat(value, `${path}${name}.`));
    return typeof value === "number" ? [[`${path}${name}`, value]] : [];
  }));
}
