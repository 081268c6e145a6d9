// @ts-check
/** A place in the world that something waits for: the next click there names it. */
import { signal } from "../vendor/signals/signals.js";

/** What is told the cell; null: a click picks an agent. */
export const pointing = signal(/** @type {((column: number, row: number) => void) | null} */ (null));
