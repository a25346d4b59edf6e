/** Formats errors that prevent a run. */
import { isDustpanError } from '../errors/dustpan-error.ts'

/**
 * Formats an error for runners, whichever of its name, message, stack and properties they show: code, message and hint, once.
 * The stack helps nobody, unless asked for (`DUSTPAN_DEBUG=1`); errors that are not Dustpan's are returned unchanged.
 */
export function startupError(error: unknown): unknown {
  if (!isDustpanError(error) || process.env.DUSTPAN_DEBUG === '1') return error
  const { code, message, hint } = error
  const shown = new Error(hint === undefined ? message : `${message}\n${hint}`)
  return Object.defineProperties(shown, {
    name: { value: code },
    stack: { value: `${code}: ${shown.message}` },
    // Node would put brackets around a stack without frames.
    [Symbol.for('nodejs.util.inspect.custom')]: { value: () => shown.stack },
  })
}

/** @throws the error formatted by {@link startupError} */
export function throwAtStart(error: unknown): never {
  throw startupError(error)
}
