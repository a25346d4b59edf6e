/** An answer may be one of success by its status, and tell of an error in its body: `{ success: false }`, or as GraphQL does. */
import type { Json } from '../resource/resource.ts'
import { idOf } from './default-ids.ts'

export interface ErrorSign {
  readonly name: string
  readonly value: Json
  /** The answer shows a thing as well. */
  readonly showsThing: boolean
}

export function errorSign(body: Json | undefined): ErrorSign | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const answer = body as { readonly [name: string]: Json }
  const showsThing = idOf(answer) !== undefined
  const name = signs.find(([one, tells, ofThings]) => (ofThings || !showsThing) && tells(answer[one]))?.[0]
  return name === undefined ? undefined : { name, value: answer[name] ?? null, showsThing }
}

/** Whether one of several in an answer tells of no error: by its own status too, as in 207. */
export function isDone(item: Json): boolean {
  if (errorSign(item)) return false
  const fields = (typeof item === 'object' && item !== null ? item : {}) as { readonly [name: string]: Json }
  return !statuses.some((name) => /^[45]\d\d$/.test(String(fields[name])))
}

const statuses = ['status', 'statusCode', 'status_code']

const isFalse = (value: Json | undefined): boolean => value === false

const isFilled = (value: Json | undefined): boolean =>
  typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value)

const isBad = (value: Json | undefined): boolean =>
  typeof value === 'string' ? /^(error|fail(ed|ure)?)$/i.test(value) : Number(value) >= 400

/** `ofThings`: also beside a thing. A status may be the thing's own: a payment may have failed, and is there. */
const signs: readonly (readonly [name: string, tells: (value: Json | undefined) => boolean, ofThings: boolean])[] = [
  ['success', isFalse, true],
  ['ok', isFalse, true],
  ['error', isFilled, true],
  ['errors', isFilled, true],
  ['status', isBad, false],
  ['statusCode', isBad, false],
  ['status_code', isBad, false],
]
