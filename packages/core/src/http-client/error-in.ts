/** An answer may be one of success by its status, and tell of an error in its body: `{ success: false }`, or as GraphQL does. */
import { redact } from '../errors/redact.ts'
import { idOf } from '../http-rules/default-ids.ts'
import type { Json } from '../resource/resource.ts'
import { reasonIn } from './reason-in.ts'

/** What it tells, fit to be shown; undefined: nothing. */
export function errorIn(body: string): string | undefined {
  const answer = /^\s*\{/.test(body) ? parsed(body) : undefined
  const isThing = answer !== undefined && idOf(answer) !== undefined
  const sign = Object.entries(answer ?? {}).find(
    ([name, value]) => signs.get(name)?.(value) || (!isThing && statuses.has(name) && isBadStatus(value)),
  )
  if (!sign) return undefined
  const [name, value] = sign
  return redact(reasonIn(body) || `${name} is ${JSON.stringify(value)}`).slice(0, 200)
}

const isFalse = (value: unknown): boolean => value === false

const isSomething = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value)

const signs = new Map([
  ['success', isFalse],
  ['ok', isFalse],
  ['errors', isSomething],
  ['error', isSomething],
])

/** Of the answer, where that shows no thing: an order may have failed, and be removed. */
const statuses = new Set(['status', 'statusCode', 'status_code'])

const isBadStatus = (value: unknown): boolean =>
  typeof value === 'string' ? /^(error|fail(ed|ure)?)$/i.test(value) : Number(value) >= 400

function parsed(body: string): { readonly [name: string]: Json } | undefined {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
