// @ts-check
/** JSON and MessagePack. The second needs `encode` and `decode` of @msgpack/msgpack handed in. */

/** @type {import("./types.js").Codec} */
export const json = {
  subprotocol: "stagewatch.v1.json",
  encode: (message) => JSON.stringify(message),
  decode: (frame) => JSON.parse(typeof frame === "string" ? frame : new TextDecoder().decode(frame)),
};

/**
 * @param {{encode: (value: unknown) => Uint8Array, decode: (bytes: any) => unknown}} library
 * @returns {import("./types.js").Codec}
 */
export function messagePack({ encode, decode }) {
  return {
    subprotocol: "stagewatch.v1.msgpack",
    encode: (message) => encode(message),
    decode: (frame) => /** @type {import("./types.js").Message} */ (
      typeof frame === "string" ? JSON.parse(frame) : withFloatArrays(decode(new Uint8Array(frame)))),
  };
}

/**
 * The value with each map of packed float32 in it as a Float32Array; one of more than one
 * dimension bears its `shape`. Changes maps and lists in place.
 * @param {any} value
 * @returns {any}
 */
export function withFloatArrays(value) {
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) {
      if (typeof value[i] === "object") value[i] = withFloatArrays(value[i]);
    }
    return value;
  }
  if (value.f32 instanceof Uint8Array && Array.isArray(value.shape)) return floats(value);
  for (const key of Object.keys(value)) {
    if (typeof value[key] === "object") value[key] = withFloatArrays(value[key]);
  }
  return value;
}

/** @param {{f32: Uint8Array, shape: number[]}} packed little-endian, as are all browsers' machines */
function floats({ f32, shape }) {
  const array = new Float32Array(f32.slice().buffer);
  return shape.length > 1 ? Object.assign(array, { shape }) : array;
}
