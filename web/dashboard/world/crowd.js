// @ts-check
/** Where an agent stands inside its cell, and how large it is drawn. Pure. */

// Roberts' R2 sequence: any first n numbers cover the square evenly.
const STEP_X = 0.7548776662466927;
const STEP_Y = 0.5698402909980532;
const REACH = 0.74; // of the cell's side is used, so that cells stay apart

/**
 * An agent's own offset from the middle of its cell, in cells. The same number always stands at the
 * same place, so that agents do not shuffle when others come and go.
 * @param {number} agent
 * @returns {[number, number]}
 */
export function offset(agent) {
  return [
    (((0.5 + agent * STEP_X) % 1) - 0.5) * REACH,
    (((0.5 + agent * STEP_Y) % 1) - 0.5) * REACH,
  ];
}

/**
 * Positions of all agents in world units. A whole number is the middle of a cell; where all are
 * whole, agents get offsets of their own, else the scenario has spread them itself.
 * @param {ArrayLike<number>} columns x per agent
 * @param {ArrayLike<number>} rows y per agent
 * @param {import("./identity.js").Ids} [ids] who stands in which row
 * @returns {Float32Array} x0, y0, x1, y1, …
 */
export function spread(columns, rows, ids = null) {
  const agents = Math.min(columns.length, rows.length);
  const places = new Float32Array(2 * agents);
  const own = agents > 1 && areWhole(columns) && areWhole(rows) ? 1 : 0;
  for (let agent = 0; agent < agents; agent += 1) {
    const [x, y] = offset(ids ? ids[agent] : agent);
    places[2 * agent] = columns[agent] + 0.5 + x * own;
    places[2 * agent + 1] = rows[agent] + 0.5 + y * own;
  }
  return places;
}

/** @param {ArrayLike<number>} values */
function areWhole(values) {
  for (let i = 0; i < values.length; i += 1) if (!Number.isInteger(values[i])) return false;
  return true;
}

/**
 * The world of agents without a place: each is a cell of its own, in reading order.
 * @param {number} agents
 * @param {number} aspect width by height of the room there is
 * @returns {{width: number, height: number, places: Float32Array}}
 */
export function sheet(agents, aspect) {
  const width = Math.max(1, Math.min(agents, Math.round(Math.sqrt(agents * aspect))));
  const height = Math.max(1, Math.ceil(agents / width));
  const places = new Float32Array(2 * agents);
  for (let agent = 0; agent < agents; agent += 1) {
    places[2 * agent] = (agent % width) + 0.5;
    places[2 * agent + 1] = Math.floor(agent / width) + 0.5;
  }
  return { width, height, places };
}

/**
 * The radius in cells of agents on a grid: smaller the fuller a cell may become.
 * @param {number} agents
 * @param {number} cells
 */
export function radius(agents, cells) {
  const crowd = agents / Math.max(1, cells) ** 0.6;
  return Math.min(0.22, Math.max(0.03, 0.3 / Math.sqrt(Math.max(1, crowd))));
}
