// @ts-check
/** What a close means: whether to come back by oneself, and when at the earliest. */

/**
 * @typedef {object} CloseRule
 * @property {boolean} retry
 * @property {number} least milliseconds before the next attempt, at least
 * @property {string} text for a person
 */

/** @type {Record<number, CloseRule>} */
export const CLOSE_RULES = {
  1000: { retry: true, least: 0, text: "The server closed the connection." },
  1001: { retry: true, least: 0, text: "The server is going down or restarting." },
  1006: { retry: true, least: 0, text: "The connection was lost." },
  1008: { retry: false, least: 0, text: "The server refused the connection." },
  1009: { retry: true, least: 0, text: "A message was too large for the server." },
  1011: { retry: true, least: 0, text: "The server met a defect." },
  1013: { retry: true, least: 5_000, text: "The server has no room for this connection now." },
};

/**
 * The rule for a close, with what the server said before it taken into account.
 * @param {number} code
 * @param {import("./types.js").StageErrorLike | null} error the last error on the connection
 * @param {number | null} drainSeconds `retry_after` of `server.draining`
 * @returns {CloseRule}
 */
export function closeRule(code, error, drainSeconds) {
  const rule = CLOSE_RULES[code] ?? CLOSE_RULES[1006];
  const text = error?.message ?? rule.text;
  const seconds = Number(error?.details?.retry_after ?? drainSeconds ?? 0);
  const least = Math.max(rule.least, Number.isFinite(seconds) ? seconds * 1000 : 0);
  return { retry: rule.retry || error?.temporary === true, least, text };
}
