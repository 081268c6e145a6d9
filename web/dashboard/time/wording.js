// @ts-check
/** Words for conditions. Pure. */

const AHEAD = 500; // ticks
const TELLING = [["surprise", "any(surprise) > 3"], ["entropy", "mean(entropy) < 0.1"]];

/**
 * Conditions that this run can have.
 * @param {readonly {name: string, kind: string}[]} columns
 * @param {number} tick the present one
 */
export function examplesFor(columns, tick) {
  const names = columns.map(({ name }) => name);
  const known = TELLING.filter(([name]) => names.includes(name)).map(([, example]) => example);
  const number = columns.find(({ name, kind }) => kind === "number" && name !== "x" && name !== "y");
  const own = known.length || !number ? [] : [`any(${number.name}) > 1`];
  const round = Math.ceil((tick + 1) / AHEAD) * AHEAD;
  return [...known, ...own, `tick >= ${round}`];
}

/**
 * Put a text in the place of what is selected.
 * @param {string} whole
 * @param {string} text
 * @param {number} from
 * @param {number} to
 * @returns {{text: string, at: number}} `at`: the place behind it
 */
export function put(whole, text, from, to) {
  const before = whole.slice(0, from);
  const apart = before && !/[\s(]$/.test(before) && !text.startsWith(" ") ? " " : "";
  const inner = before.endsWith(" ") ? text.trimStart() : text;
  return { text: before + apart + inner + whole.slice(to), at: (before + apart + inner).length };
}
