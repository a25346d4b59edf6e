import type { Code } from './codes.ts'

/** Marks every Dustpan error, so that it is recognised across realms and duplicate installs, where `instanceof` fails. */
const brand = Symbol.for('dustpan/error')

export interface DustpanErrorOptions {
  /** How to fix it. */
  hint?: string
  cause?: unknown
  /** Nothing changes if this process tries again. Default: it may. */
  isFinal?: true
}

/** Base class of all Dustpan errors. `code` is stable; `message` says what happened and why; `hint` says what to do. */
export class DustpanError extends Error {
  readonly code: Code
  readonly hint?: string
  readonly isFinal?: true

  constructor(code: Code, message: string, options: DustpanErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'DustpanError'
    this.code = code
    if (options.hint !== undefined) this.hint = options.hint
    if (options.isFinal) this.isFinal = true
    Object.defineProperty(this, brand, { value: true })
  }
}

/** Whether a value is a {@link DustpanError}, whichever copy of Dustpan created it. */
export function isDustpanError(value: unknown): value is DustpanError {
  return typeof value === 'object' && value !== null && brand in value
}

/** For a wrong argument: a TypeError with a code and a hint, like every other Dustpan error. */
export function invalidArgument(message: string, hint?: string): TypeError & { code: Code; hint?: string } {
  const error = new TypeError(message) as TypeError & { code: Code; hint?: string }
  error.code = 'DUSTPAN_INVALID_ARGUMENT'
  if (hint !== undefined) error.hint = hint
  Object.defineProperty(error, brand, { value: true })
  return error
}

/** An error as reports show it: code, message, hint. Foreign errors get the code `otherwise`. */
export function describeError(error: unknown, otherwise: Code): { code: Code; message: string; hint?: string } {
  if (isDustpanError(error)) {
    return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) }
  }
  return { code: otherwise, message: messageOf(error) }
}

/** The message of any thrown value. An AggregateError (a refused connection) often has none, so its parts are joined. */
export function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const { message, errors } = error as { message?: unknown; errors?: unknown }
  if (!message && Array.isArray(errors)) return errors.map(messageOf).join('; ')
  return message === undefined ? Object.prototype.toString.call(error) : String(message)
}
