// @ts-check
/**
 * The shapes that the client's modules share. Nothing here runs.
 *
 * @typedef {{epoch: string, offset: number}} Position where a topic stands
 *
 * @typedef {object} StageEvent
 * @property {string} topic
 * @property {string} epoch
 * @property {number} offset
 * @property {number | null} [tick]
 * @property {number | null} [time] simulated time
 * @property {number} [skipped] how many events a `latest` subscription left out before this one
 * @property {any} data
 *
 * @typedef {"all" | "latest"} Mode
 * @typedef {{mode?: Mode, max_hz?: number | null}} SubscribeOptions
 * @typedef {(event: StageEvent) => void} Listener
 *
 * @typedef {{type: string, id?: string, [field: string]: any}} Message
 *
 * @typedef {object} Codec how messages travel
 * @property {string} subprotocol
 * @property {(message: Message) => string | Uint8Array} encode
 * @property {(frame: string | ArrayBuffer) => Message} decode
 *
 * @typedef {object} Socket what the client needs of a WebSocket
 * @property {string} binaryType
 * @property {((event: any) => void) | null} onopen
 * @property {((event: any) => void) | null} onmessage
 * @property {((event: any) => void) | null} onclose
 * @property {((event: any) => void) | null} onerror
 * @property {(frame: any) => void} send
 * @property {(code?: number, reason?: string) => void} close
 *
 * @typedef {(url: string, protocols: string[]) => Socket} SocketMaker
 *
 * @typedef {object} Clock milliseconds throughout
 * @property {() => number} now
 * @property {(callback: () => void, delay: number) => any} after returns what `cancel` takes
 * @property {(timer: any) => void} cancel
 *
 * @typedef {"CLOSED" | "CONNECTING" | "OPEN"} State
 *
 * @typedef {object} Status
 * @property {State} state
 * @property {number | null} retryAt on the clock: when the next attempt comes; null when none will
 * @property {number | null} code the last close code
 * @property {string | null} reason why it is not open, for a person
 * @property {StageErrorLike | null} error what the server said before it closed
 *
 * @typedef {{code: string, message: string, details: Record<string, any>, temporary: boolean}} StageErrorLike
 *
 * @typedef {object} Established the server's first message
 * @property {string} client_id
 * @property {number} protocol
 * @property {{name: string, version: string}} server
 * @property {string} user
 * @property {string[]} scopes
 * @property {string | null} expires_at
 * @property {{interval: number, timeout: number}} heartbeat
 * @property {Record<string, any>} limits
 * @property {string[]} topics
 */

export {};
