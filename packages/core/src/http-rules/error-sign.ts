/** Finds errors in the body of an answer with a success status: `{ success: false }`, or as in GraphQL. */
import type { Json } from '../resource/resource.ts'
import { idOf } from './default-ids.ts'

export interface ErrorSign {
  readonly name: string
  readonly value: Json
  /** The answer shows a resource as well. */
  readonly showsResource: boolean
}

export function errorSign(body: Json | undefined): ErrorSign | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const answer = body as { readonly [name: string]: Json }
  const showsResource = idOf(answer) !== undefined
  const name = signs.find(
    ([one, matches, withResource]) => (withResource || !showsResource) && matches(answer[one]),
  )?.[0]
  return name === undefined ? undefined : { name, value: answer[name] ?? null, showsResource }
}

/** The status of a single item in an answer, as in 207: `200`, `'200 OK'`, `'HTTP/1.1 200 OK'`. */
export function ownStatus(item: Json): number | undefined {
  const fields = (typeof item === 'object' && item !== null ? item : {}) as { readonly [name: string]: Json }
  const found = statuses.map((name) => /^(?:HTTP\/[\d.]+ )?([1-5]\d\d)(?!\S)/.exec(String(fields[name]))?.[1])
  return found.map(Number).find((status) => status > 0)
}

const statuses = ['status', 'statusCode', 'status_code']

const isFalse = (value: Json | undefined): boolean => value === false

const isFilled = (value: Json | undefined): boolean =>
  typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value)

const isBad = (value: Json | undefined): boolean =>
  typeof value === 'string' ? /^(error|fail(ed|ure)?)$/i.test(value) : Number(value) >= 400

/** `withResource`: also valid beside a resource. A status may be the resource's own: a failed payment still exists. */
const signs: readonly (readonly [
  name: string,
  matches: (value: Json | undefined) => boolean,
  withResource: boolean,
])[] = [
  ['success', isFalse, true],
  ['ok', isFalse, true],
  ['error', isFilled, true],
  ['errors', isFilled, true],
  ['status', isBad, false],
  ['statusCode', isBad, false],
  ['status_code', isBad, false],
]
