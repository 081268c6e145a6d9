// @ts-check
/** Numbers as people read them. Pure. */

const LETTERS = ["", "k", "M", "G", "T"];

/** To three digits, or as much as is there. @param {unknown} value */
export function number(value) {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return grouped(value);
  if (size >= 1e5) return short(value);
  if (size !== 0 && size < 5e-4) return value.toExponential(1).replace("-", "−");
  return signed(value.toFixed(size >= 100 ? 1 : size >= 10 ? 2 : 3));
}

/** As short as an axis wants it. @param {unknown} value */
export function short(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  let scaled = value;
  let letter = 0;
  while (Math.abs(scaled) >= 1000 && letter < LETTERS.length - 1) {
    scaled /= 1000;
    letter += 1;
  }
  return signed(String(Number(scaled.toPrecision(3)))) + LETTERS[letter];
}

/** @param {unknown} value */
export function bytes(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  let scaled = value;
  let step = 0;
  while (Math.abs(scaled) >= 1024 && step < 4) {
    scaled /= 1024;
    step += 1;
  }
  return `${Number(scaled.toPrecision(3))} ${["B", "KiB", "MiB", "GiB", "TiB"][step]}`;
}

/** To three digits behind the point, so that a column of them lines up. @param {unknown} value */
export function thousandths(value) {
  return typeof value === "number" && Number.isFinite(value) ? signed(value.toFixed(3)) : "–";
}

/** To one digit behind the point. @param {unknown} value */
export function tenths(value) {
  return typeof value === "number" && Number.isFinite(value) ? signed(value.toFixed(1)) : "–";
}

/** @param {unknown} seconds */
export function duration(seconds) {
  if (typeof seconds !== "number" || !Number.isFinite(seconds)) return "–";
  if (seconds === 0) return "0";
  if (seconds < 1e-3) return `${Number((seconds * 1e6).toPrecision(3))} µs`;
  if (seconds < 1) return `${Number((seconds * 1e3).toPrecision(3))} ms`;
  if (seconds < 120) return `${Number(seconds.toPrecision(3))} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** With thin spaces between thousands. @param {number} value */
export function grouped(value) {
  return signed(String(value).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f"));
}

/** A probability. @param {unknown} value */
export function chance(value) {
  if (typeof value !== "number" || !Number.isFinite(value)) return "–";
  if (value > 0 && value < 0.0005) return "<0.001";
  return value.toFixed(3);
}

/** The value of a column, by its kind. @param {unknown} value @param {{kind: string, labels?: readonly string[]}} column */
export function valueOf(value, column) {
  if (value === null || value === undefined) return "–";
  if (column.kind === "flag") return Number(value) ? "yes" : "no";
  if (column.kind === "category") return column.labels?.[Number(value)] ?? String(value);
  return number(value);
}

/** With a true minus sign. @param {string} text */
function signed(text) {
  return text.replace("-", "−");
}

/**
 * The numbers of a packed or plain array, and null where it is none.
 * @param {unknown} value a list, a typed array, or `{f32, shape}` as MessagePack carries it
 * @returns {ArrayLike<number> | null}
 */
export function numbers(value) {
  if (Array.isArray(value)) return value;
  if (ArrayBuffer.isView(value) && "length" in value) {
    return /** @type {ArrayLike<number>} */ (/** @type {unknown} */ (value));
  }
  const packed = /** @type {{f32?: Uint8Array} | null | undefined} */ (value)?.f32;
  if (!packed) return null;
  return new Float32Array(packed.slice().buffer);
}
