// @ts-check
/**
 * Commands of the page by what one types of them. Pure.
 * @typedef {{text: string, shown?: string, act: () => void}} Command `shown`: its key
 */

/**
 * Those that hold every word that was typed; first those that begin with the first of them.
 * @param {readonly Command[]} commands
 * @param {string} sought
 */
export function found(commands, sought) {
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  const those = commands.filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
  const begins = (/** @type {Command} */ { text }) => Number(text.toLowerCase().startsWith(words[0] ?? ""));
  return words.length ? those.sort((one, other) => begins(other) - begins(one)) : those;
}
