/** Whether a value survives JSON; `undefined` in an object counts as missing. */
export function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value !== 'object') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isJson)
  return isPlain(value) && Object.values(value).every((inner) => inner === undefined || isJson(inner))
}

/** Not by identity: an object from a vm context has another realm's prototype. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
