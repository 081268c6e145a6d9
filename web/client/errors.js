// @ts-check
/** What a request is rejected with: the server's error, or one of the client's own. */

/**
 * The client's own codes beside those of the server.
 * - `NOT_CONNECTED`: the connection is refused for good, or the client was closed
 * - `CONNECTION_LOST`: a command was under way; whether it took effect is not known
 * - `QUEUE_FULL`: too many requests wait for the connection
 * - `NO_ANSWER`: the time for the answer has passed
 */
export class StageError extends Error {
  /**
   * @param {string} code
   * @param {string} message for a person
   * @param {Record<string, any>} [details]
   * @param {boolean} [temporary] whether the same request may succeed later
   */
  constructor(code, message, details = {}, temporary = false) {
    super(message);
    this.name = "StageError";
    this.code = code;
    this.details = details;
    this.temporary = temporary;
  }

  /** @param {import("./types.js").Message} message of type `error` */
  static told(message) {
    return new StageError(
      String(message.code), String(message.message), message.details ?? {}, Boolean(message.temporary));
  }
}
