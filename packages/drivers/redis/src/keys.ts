/** Keys as the ledger writes them: text if they are UTF-8, otherwise `['base64', '…']`, so that no byte is lost. */
import { isUtf8 } from 'node:buffer'
import { invalidArgument, type Json } from '@dustpan/core/driver'

/** A command argument. */
export type Arg = string | Buffer

export function keyOf(arg: Arg): Json {
  // A lone surrogate is sent as U+FFFD.
  if (typeof arg === 'string') return arg.isWellFormed() ? arg : arg.toWellFormed()
  return isUtf8(arg) ? arg.toString() : ['base64', arg.toString('base64')]
}

/** @throws TypeError for a value that cannot be a key. */
export function argOf(key: Json): Arg {
  if (typeof key === 'string') return key
  if (typeof key === 'number' || typeof key === 'boolean') return String(key)
  if (Array.isArray(key) && key.length === 2 && key[0] === 'base64' && typeof key[1] === 'string')
    return Buffer.from(key[1], 'base64')
  throw invalidArgument(
    `A key of Redis is a text or a number, got ${JSON.stringify(key)}`,
    "Binary keys are written as ['base64', '…'].",
  )
}

/** A map key that is equal for equal bytes. */
export function sameBytes(arg: Arg): string {
  const key = keyOf(arg)
  return typeof key === 'string' ? key : `\u0000${(key as readonly string[])[1]}`
}

/** The key as reports print it. */
export function readable(key: Json): string {
  return typeof key === 'string' && !/[\s"'\\]/.test(key) && key !== '' ? key : JSON.stringify(key)
}
