// @ts-check
/** A page of the table of agents made from a frame of the record. Pure. */
import { numbers } from "./format.js";

/**
 * @param {{tick: number, data: Record<string, any>}} frame
 * @param {{offset: number, limit: number, sort: string}} wanted `sort`: a column, falling with `-` before it
 * @returns {{agents: Record<string, any>[], total: number, tick: number}}
 */
export function pageOf({ tick, data }, { offset, limit, sort }) {
  const columns = Object.entries(data).map(([name, values]) => /** @type {const} */ ([name, numbers(values)]));
  const there = columns.flatMap(([name, values]) => (values ? [/** @type {const} */ ([name, values])] : []));
  const total = Math.max(0, ...there.map(([, values]) => values.length));
  const rows = Array.from({ length: total }, (_, row) => row);
  const by = there.find(([name]) => name === sort.replace(/^-/, ""))?.[1];
  const way = sort.startsWith("-") ? -1 : 1;
  if (by) rows.sort((one, other) => way * (by[one] - by[other]) || one - other);
  const agents = rows.slice(offset, offset + limit).map((row) => (
    { agent: row, ...Object.fromEntries(there.map(([name, values]) => [name, values[row]])) }));
  return { agents, total, tick };
}
