export { encode } from "./types/encode.js";
export { decode } from "./types/decode.js";
