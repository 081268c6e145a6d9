// @ts-check
/** The panels there are, in the order of their keys; each is loaded when it is first shown. */

/** @typedef {() => import("./vendor/preact/preact.js").ComponentChild} Panel */
/**
 * @typedef {object} Place
 * @property {string} name as in the address
 * @property {string} title
 * @property {string} key
 * @property {boolean} withoutRun whether it has something to show where no run is
 * @property {() => Promise<Panel>} load
 */

/** @type {Place[]} */
export const PANELS = [
  {
    name: "overview", title: "Overview", key: "0", withoutRun: false,
    load: async () => (await import("./overview.js")).Overview,
  },
  {
    name: "agents", title: "Agents", key: "1", withoutRun: false,
    load: async () => (await import("./panels/agents.js")).AgentsPanel,
  },
  {
    name: "belief", title: "Belief", key: "2", withoutRun: false,
    load: async () => (await import("./belief_page.js")).BeliefPage,
  },
  {
    name: "system", title: "System", key: "3", withoutRun: true,
    load: async () => (await import("./panels/system.js")).SystemPanel,
  },
  {
    name: "console", title: "Console", key: "4", withoutRun: true,
    load: async () => (await import("./console/panel.js")).ConsolePanel,
  },
  {
    name: "runs", title: "Runs", key: "5", withoutRun: true,
    load: async () => (await import("./runs/panel.js")).RunsPanel,
  },
];

/** The place that an address names; the overview where it names none. @param {string | null} name */
export function placeOf(name) {
  return PANELS.find((place) => place.name === name) ?? PANELS[0];
}
