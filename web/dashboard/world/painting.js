// @ts-check
/**
 * From the columns of a tick to what a scene draws. Pure.
 * @typedef {import("../watching.js").View} View
 * @typedef {import("../watching.js").ColumnInfo} ColumnInfo
 * @typedef {import("./scene.js").Frame} Frame
 * @typedef {import("./ground.js").Ground} Ground
 */
import { numbers } from "../panels/format.js";
import { radius, sheet, spread } from "./crowd.js";
import { identityOf } from "./identity.js";
import { levels, palette, Range, SHAPES } from "./palette.js";
import { TILE } from "./shapes.js";

const TILE_RADIUS = 0.46;

export class Painting {
  /** @param {View} view @param {readonly ColumnInfo[]} columns @param {number} agents @param {number} aspect */
  constructor(view, columns, agents, aspect) {
    this.view = view;
    this.columns = columns;
    /** The column by which agents go; null where it is the row. */
    this.identity = identityOf(columns);
    this.onGrid = view.kind === "grid" && view.width > 0 && view.height > 0;
    const cells = sheet(agents, aspect);
    /** @type {Ground} */
    this.ground = this.onGrid
      ? { width: view.width, height: view.height, cells: true, marks: view.marks }
      : { width: cells.width, height: cells.height, cells: false, marks: [] };
    this.radius = this.onGrid ? radius(agents, view.width * view.height) : TILE_RADIUS;
    this.sheet = cells.places;
    /** @type {Map<string, Range>} */
    this.ranges = new Map();
    /** @type {Map<string, Uint8Array>} */
    this.palettes = new Map();
  }

  /** The variables worth colouring by. @returns {ColumnInfo[]} */
  get variables() {
    const named = this.view.color.map((name) => this.columns.find((one) => one.name === name));
    const found = named.filter((one) => one !== undefined);
    return found.length ? found : this.columns.filter(({ name }) => name !== this.view.x && name !== this.view.y);
  }

  /** @param {string} name */
  range(name) {
    const known = this.ranges.get(name) ?? new Range();
    this.ranges.set(name, known);
    return known;
  }

  /**
   * @param {Record<string, any>} data the columns
   * @param {ColumnInfo | undefined} variable
   * @param {boolean} dark
   * @returns {Frame}
   */
  frame(data, variable, dark) {
    const places = this.#places(data);
    const agents = places.length / 2;
    const values = (variable && numbers(data[variable.name])) ?? new Float32Array(agents).fill(NaN);
    const kind = variable?.kind ?? "number";
    const range = this.range(variable?.name ?? "");
    if (kind === "number") range.include(values);
    const found = levels(values, kind, range);
    const looks = { levels: found, shapes: this.#shapes(found, kind), palette: this.#palette(kind, dark) };
    return { places, ...looks, ids: this.ids(data) };
  }

  /** Who stands in which row; null: the row itself. @param {Record<string, any>} data */
  ids(data) {
    return this.identity === null ? null : numbers(data[this.identity]);
  }

  /** @param {Record<string, any>} data */
  #places(data) {
    const [xs, ys] = [numbers(data[this.view.x]), numbers(data[this.view.y])];
    return this.onGrid && xs && ys ? spread(xs, ys, this.ids(data)) : this.sheet;
  }

  /** Categories have a shape each where agents are points. @param {Uint8Array} found @param {string} kind */
  #shapes(found, kind) {
    const shapes = new Uint8Array(found.length);
    if (!this.onGrid) return shapes.fill(TILE);
    if (kind === "number") return shapes;
    return shapes.map((_, agent) => found[agent] % SHAPES);
  }

  /** The same array for the same look, which renderers keep by. @param {ColumnInfo["kind"]} kind @param {boolean} dark */
  #palette(kind, dark) {
    const key = `${kind} ${dark}`;
    const known = this.palettes.get(key) ?? palette(kind, dark);
    this.palettes.set(key, known);
    return known;
  }
}
