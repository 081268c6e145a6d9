// @ts-check
/** From a scenario's JSON schema to the fields of a form, and from what was typed to params. Pure. */

/**
 * @typedef {object} Property
 * @property {"boolean" | "integer" | "number" | "string"} type
 * @property {string} [title]
 * @property {string} [description]
 * @property {any} [default]
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {any[]} [enum]
 * @property {string} [unit]
 * @property {string} [placeholder]
 *
 * @typedef {{title?: string, description?: string, properties?: Record<string, Property>}} Schema
 * @typedef {Property & {name: string}} Field
 * @typedef {Record<string, string | boolean>} Typed what stands in the form, by field
 */

/** @param {Schema} schema @returns {Field[]} */
export function fieldsOf(schema) {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({ ...property, name }));
}

/** What stands in the form at first. @param {Field[]} fields @returns {Typed} */
export function initial(fields) {
  return Object.fromEntries(fields.map((field) => [
    field.name, field.type === "boolean" ? Boolean(field.default) : String(field.default ?? ""),
  ]));
}

/**
 * The params that differ from the defaults, and by field what is wrong with it.
 * @param {Field[]} fields
 * @param {Typed} typed
 * @returns {{params: Record<string, any>, wrong: Record<string, string>}}
 */
export function read(fields, typed) {
  /** @type {Record<string, any>} */
  const params = {};
  /** @type {Record<string, string>} */
  const wrong = {};
  for (const field of fields) {
    const { value, error } = readField(field, typed[field.name] ?? "");
    if (error) wrong[field.name] = error;
    else if (value !== undefined && value !== field.default) params[field.name] = value;
  }
  return { params, wrong };
}

/**
 * @param {Field} field
 * @param {string | boolean} typed
 * @returns {{value?: any, error?: string}} no value: the default
 */
export function readField(field, typed) {
  if (typeof typed === "boolean") return { value: typed };
  if (field.enum) {
    const chosen = field.enum.find((choice) => String(choice) === typed);
    return chosen === undefined ? { error: `Choose one of ${field.enum.join(", ")}.` } : { value: chosen };
  }
  const text = typed.trim();
  if (field.type === "string") return { value: typed };
  if (text === "") return {};
  const value = Number(text);
  const whole = field.type === "integer";
  if (!Number.isFinite(value) || (whole && !Number.isSafeInteger(value))) {
    return { error: whole ? "A whole number is needed." : "A number is needed." };
  }
  const low = field.minimum !== undefined && value < field.minimum;
  const high = field.maximum !== undefined && value > field.maximum;
  return low || high ? { error: `${boundsOf(field)} is allowed.` } : { value };
}

/** The bounds in words, or nothing. @param {Field} field */
export function boundsOf({ minimum, maximum }) {
  if (minimum !== undefined && maximum !== undefined) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `${minimum} or more`;
  return maximum === undefined ? "" : `${maximum} at most`;
}

/**
 * The field that a server's error is about, or null when it is about none of them.
 * @param {{message: string, details?: Record<string, any>}} error
 * @param {string[]} names
 */
export function blamed(error, names) {
  const said = [error.details?.parameter, error.details?.path];
  for (const place of said) {
    const last = typeof place === "string" ? place.replace(/^\$\.?/, "").split(".").at(-1) : undefined;
    if (last !== undefined && names.includes(last)) return last;
  }
  return null;
}
