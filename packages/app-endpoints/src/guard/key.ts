/** The key that callers know. There is none by default: one that is published is no key. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Environment } from '../environment.ts'

const shortest = 16

/**
 * The given key, else `DUSTPAN_INTERNAL_KEY_<ENVIRONMENT>`, else `DUSTPAN_INTERNAL_KEY`.
 * @throws TypeError when there is none, or one that can be guessed
 */
export function keyFor(environment: Environment, given: string | undefined, variables = process.env): string {
  const own = `DUSTPAN_INTERNAL_KEY_${environment.toUpperCase()}`
  const key = given ?? variables[own] ?? variables.DUSTPAN_INTERNAL_KEY
  if (key === undefined) throw new TypeError(`The endpoints are on, but have no key: set ${own}, or give \`key\``)
  if (key.length < shortest) {
    throw new TypeError(`The endpoints' key has ${key.length} characters; at least ${shortest} are needed`)
  }
  return key
}

/** Takes equally long for every wrong key. */
export const isKey = (key: string, given: string | undefined): boolean => timingSafeEqual(hash(key), hash(given ?? ''))

const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
