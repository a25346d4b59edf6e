/** Why nothing runs. */
import { isDustpanError } from '../errors/dustpan-error.ts'

/**
 * For a runner, whichever of an error's name, message, stack and properties it shows: code, message and hint, once and the same everywhere.
 * Where it was thrown helps nobody, unless it is asked for (`DUSTPAN_DEBUG=1`), or is no error of Dustpan's own.
 */
export function startupError(error: unknown): unknown {
  if (!isDustpanError(error) || process.env.DUSTPAN_DEBUG === '1') return error
  const { code, message, hint } = error
  const told = new Error(hint === undefined ? message : `${message}\n${hint}`)
  return Object.defineProperties(told, {
    name: { value: code },
    stack: { value: `${code}: ${told.message}` },
    // Without lines of a stack, Node would put brackets around it.
    [Symbol.for('nodejs.util.inspect.custom')]: { value: () => told.stack },
  })
}

/** @throws what {@link startupError} makes of it. */
export function throwAtStart(error: unknown): never {
  throw startupError(error)
}
