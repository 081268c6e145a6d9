// @ts-check
/** Topics and patterns: `*` stands for one token, a last `>` for one or more. */

/**
 * @param {string} pattern
 * @param {string} topic
 */
export function matches(pattern, topic) {
  if (pattern === topic) return true;
  const wanted = pattern.split(".");
  const tokens = topic.split(".");
  for (let i = 0; i < wanted.length; i += 1) {
    if (i >= tokens.length) return false;
    if (wanted[i] === ">") return i === wanted.length - 1;
    if (wanted[i] !== "*" && wanted[i] !== tokens[i]) return false;
  }
  return wanted.length === tokens.length;
}
