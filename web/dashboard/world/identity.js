// @ts-check
/**
 * Who is who where agents come and go. Pure.
 *
 * An agent goes by its row, unless the scenario has a column `id` or `number`: then its row may be
 * another one in every tick, and it goes by what that column holds.
 * @typedef {ArrayLike<number> | null} Ids by row; null: the row itself
 */

const NAMES = ["id", "number"];

/** The column by which agents go; null where it is the row. @param {readonly {name: string}[]} columns */
export function identityOf(columns) {
  return NAMES.find((name) => columns.some((column) => column.name === name)) ?? null;
}

/** Where an agent stands in a frame, -1 where it does not. @param {Ids} ids @param {number} agent */
export function rowOf(ids, agent) {
  return ids ? Array.prototype.indexOf.call(ids, agent) : agent;
}

/** Who stands in a row. @param {Ids} ids @param {number} row */
export function agentOf(ids, row) {
  return ids ? ids[row] ?? -1 : row;
}
