/** The key that callers send. There is no default, as a published key would protect nothing. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Environment } from '../environment.ts'

const minLength = 16

/**
 * The given key, else `DUSTPAN_INTERNAL_KEY_<ENVIRONMENT>`, else `DUSTPAN_INTERNAL_KEY`.
 * @throws TypeError when there is none, or when it is too short
 */
export function keyFor(environment: Environment, given: string | undefined, variables = process.env): string {
  const variable = `DUSTPAN_INTERNAL_KEY_${environment.toUpperCase()}`
  const key = given ?? variables[variable] ?? variables.DUSTPAN_INTERNAL_KEY
  if (key === undefined) throw new TypeError(`The endpoints are on, but have no key: set ${variable}, or give \`key\``)
  if (key.length < minLength) {
    throw new TypeError(`The endpoints' key has ${key.length} characters; at least ${minLength} are needed`)
  }
  return key
}

/** Compares in constant time. */
export const isKey = (key: string, given: string | undefined): boolean => timingSafeEqual(hash(key), hash(given ?? ''))

const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
