// @ts-check
/**
 * The theme's colours for what is drawn on canvases, read from the page's custom properties.
 * @typedef {{
 *   dark: boolean, surface: string, field: string, line: string, text: string, muted: string,
 *   accent: string, cue: string, reward: string, rim: number[], series: string[],
 * }} Inks
 */

/** @param {Element} [element] @returns {Inks} */
export function inks(element = document.documentElement) {
  const style = getComputedStyle(element);
  /** @param {string} name */
  const ink = (name) => style.getPropertyValue(name).trim() || "gray";
  const dark = style.colorScheme.includes("dark") && !style.colorScheme.includes("light");
  return {
    dark,
    surface: ink("--surface"),
    field: ink("--field"),
    line: ink("--line"),
    text: ink("--text"),
    muted: ink("--muted"),
    accent: ink("--accent"),
    cue: ink("--series-1"),
    reward: ink("--series-2"),
    // Dark in either theme, as the lightest points are lost on a light ground.
    rim: parsed(ink(dark ? "--field" : "--muted")),
    series: [1, 2, 3, 4, 5, 6].map((number) => ink(`--series-${number}`)),
  };
}

/** `#rrggbb` as numbers. @param {string} color */
function parsed(color) {
  const found = /^#(..)(..)(..)$/.exec(color);
  return found ? found.slice(1).map((pair) => parseInt(pair, 16)) : [128, 128, 128];
}
