// @ts-check
/** From what was typed into a sweep's form to the values of its grid. Pure. */
import { readField } from "./fields.js";

/**
 * @typedef {import("./fields.js").Field} Field
 * @typedef {{grid: Record<string, any[]>, params: Record<string, any>, wrong: Record<string, string>}} Wanted
 *   several values of a parameter make the grid, a single one holds for all runs
 */

/** @param {Field[]} fields @param {Record<string, string>} typed values parted by commas, by field @returns {Wanted} */
export function readGrid(fields, typed) {
  /** @type {Wanted} */
  const found = { grid: {}, params: {}, wrong: {} };
  for (const field of fields) {
    const texts = (typed[field.name] ?? "").split(",").map((text) => text.trim()).filter(Boolean);
    /** @type {any[]} */
    const values = [];
    for (const text of texts) {
      const { value, error } = readOne(field, text);
      if (error) found.wrong[field.name] = `${text}: ${error}`;
      else if (values.includes(value)) found.wrong[field.name] = `${text} stands there twice.`;
      else values.push(value);
    }
    if (found.wrong[field.name]) continue;
    if (values.length > 1) found.grid[field.name] = values;
    else if (values.length === 1) [found.params[field.name]] = values;
  }
  return found;
}

/** How many runs that makes. @param {Record<string, any[]>} grid @param {number} seeds */
export function runsOf(grid, seeds) {
  return Object.values(grid).reduce((product, values) => product * values.length, seeds);
}

/** @param {Field} field @param {string} text @returns {{value?: any, error?: string}} */
function readOne(field, text) {
  if (field.type !== "boolean") return readField(field, text);
  return text === "true" || text === "false" ? { value: text === "true" } : { error: "true or false is needed." };
}
