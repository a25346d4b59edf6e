/** Keys as the ledger writes them: text where they are UTF-8, else `['base64', '…']`, so that every byte is kept. */
import { isUtf8 } from 'node:buffer'
import { invalidArgument, type Json } from '@dustpan/core/driver'

/** An argument as it is sent. */
export type Arg = string | Buffer

export function keyOf(arg: Arg): Json {
  // A lone surrogate goes over the wire as U+FFFD.
  if (typeof arg === 'string') return arg.isWellFormed() ? arg : arg.toWellFormed()
  return isUtf8(arg) ? arg.toString() : ['base64', arg.toString('base64')]
}

/** @throws TypeError for what is no key. */
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

/** As a map's key: equal for the same bytes. */
export function sameBytes(arg: Arg): string {
  const key = keyOf(arg)
  return typeof key === 'string' ? key : `\u0000${(key as readonly string[])[1]}`
}

/** In a line of a report. */
export function readable(key: Json): string {
  return typeof key === 'string' && !/[\s"'\\]/.test(key) && key !== '' ? key : JSON.stringify(key)
}
