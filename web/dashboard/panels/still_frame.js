// @ts-check
/** The columns of a run that stands still, put together from its table of agents. */

const PAGE = 500;
const MOST_PAGES = 4; // what the message limits allow at once

/**
 * @param {(name: string, params: Record<string, any>) => Promise<any>} query
 * @param {{run: string, agents: number}} run
 * @returns {Promise<Record<string, any> | null>} columns by name; null where there is none to be had
 */
export async function readFrame(query, { run, agents }) {
  const topic = `run.${run}.agents`;
  try {
    const { events } = await query("history", { topic, limit: 1 });
    if (events.length) return events[events.length - 1].data;
    if (agents > PAGE * MOST_PAGES) return null;
    const pages = [];
    for (let offset = 0; offset < agents; offset += PAGE) {
      pages.push(query("run.agents", { run, offset, limit: PAGE }));
    }
    return columnsOf((await Promise.all(pages)).flatMap((page) => page.agents));
  } catch {
    // A run without a tick has no agents yet; the next frame comes by itself.
    return null;
  }
}

/** @param {Record<string, any>[]} rows one per agent @returns {Record<string, any> | null} */
export function columnsOf(rows) {
  if (!rows.length) return null;
  const names = Object.keys(rows[0]).filter((name) => name !== "agent");
  return Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name])]));
}
