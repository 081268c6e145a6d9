// @ts-check
/** A chart as a file: its numbers, its picture. */

/**
 * Comma-separated values; nothing stands for a missing one.
 * @param {string[]} titles
 * @param {(number | string | null | undefined)[][]} rows
 */
export function csv(titles, rows) {
  return [titles, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** @param {number | string | null | undefined} value */
function cell(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  if (!/[",\r\n]/.test(text)) return text;
  return `"${text.replaceAll('"', '""')}"`;
}

/** @param {string} title */
export function fileName(title) {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "chart";
}

/** @param {string} name @param {Blob} blob */
export function download(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * The picture of a canvas under its title and the names of its series, on the page's ground.
 * @param {HTMLCanvasElement} canvas
 * @param {string} title
 * @param {string[]} series
 * @param {import("../panels/inks.js").Inks} inks
 */
export function savePicture(canvas, title, series, inks) {
  const ratio = canvas.width / (canvas.clientWidth || canvas.width);
  const head = Math.round(44 * ratio);
  const sheet = document.createElement("canvas");
  sheet.width = canvas.width;
  sheet.height = canvas.height + head;
  const context = /** @type {CanvasRenderingContext2D} */ (sheet.getContext("2d"));
  context.fillStyle = inks.surface;
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.drawImage(canvas, 0, head);
  context.scale(ratio, ratio);
  context.fillStyle = inks.text;
  context.font = "600 13px system-ui, sans-serif";
  context.fillText(title, 10, 20);
  context.fillStyle = inks.muted;
  context.font = "11px system-ui, sans-serif";
  context.fillText(series.join(", "), 10, 36);
  sheet.toBlob((blob) => blob && download(`${fileName(title)}.png`, blob));
}
