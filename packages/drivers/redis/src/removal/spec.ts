/** The removals of this driver, as data: `delete-key`. */
import { invalidArgument, type Json, type Removal } from '@dustpan/core/driver'
import { type Arg, argOf } from '../keys.ts'

export interface KeyArgs {
  /** The key in Redis, with `{id}` for the recorded id. @default '{id}' */
  readonly key?: string
  /** When it expires, in milliseconds since the epoch. */
  readonly expires?: number
}

/**
 * The removal for the arguments of `track()`: `{ key: 'user:{id}', store: 'cache' }`.
 * @throws TypeError on invalid input.
 */
export function removalOf(driver: string, { store: _, key, ...rest }: { readonly [key: string]: Json }): Removal {
  const [other] = Object.keys(rest)
  if (other !== undefined)
    throw invalidArgument(
      `track(): remove.${other}: there is no such option`,
      other === 'pattern'
        ? 'Keys by pattern are removed by predicate only: name them under kinds in the options of the driver.'
        : 'With a Redis store these are known: key, store',
    )
  if (typeof key !== 'string' || !/\{id(?:\.\d+)?\}/.test(key))
    throw invalidArgument(
      `track(): remove.key: expected a key with {id} in it, got ${JSON.stringify(key) ?? 'nothing'}`,
      "Write { key: 'user:{id}', store }, or { key: '{id}', store } where the id is the whole key.",
    )
  return { driver, op: 'delete-key', v: 1, args: key === '{id}' ? {} : { key } }
}

/** The key in Redis. @throws TypeError for a value that cannot be a key. */
export function keyIn(removal: Removal, id: Json): Arg {
  const { key } = removal.args as KeyArgs
  if (key === undefined) return argOf(id)
  const parts: readonly Json[] = Array.isArray(id) ? id : [id]
  return key.replace(/\{id(?:\.(\d+))?\}/g, (_, index: string | undefined) =>
    String(argOf(index === undefined ? (parts.length === 1 ? (parts[0] as Json) : id) : (parts[Number(index)] ?? ''))),
  )
}

export function expiresIn(removal: Removal): number | undefined {
  return (removal.args as KeyArgs).expires
}
