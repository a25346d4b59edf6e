/**
 * Whether the id in an answer is that of another resource to which the request referred: the order of
 * `POST /order-items` with `{ orderId: 7 }`.
 */
import { idOf, unwrapped } from '../http-rules/default-ids.ts'
import type { Json } from '../resource/resource.ts'
import { refersTo, sameNoun } from './referred.ts'

/** False if the answer also refers to that resource under its own name: the ids are then equal by chance. */
export function isSentReference(own: Json, shown: Json | undefined, sent: Json | undefined, type: string): boolean {
  const given = unwrapped(sent, type) ?? sent
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false
  return Object.entries(given).some(([field, value]) => {
    const noun = nounOf(field, value, type)
    if (noun === undefined || !valuesOf(value).includes(String(own))) return false
    return !refersTo(shown, noun, own)
  })
}

/** The type that a field refers to; undefined: it is a value of the new resource, or its own id. */
function nounOf(field: string, value: Json, type: string): string | undefined {
  const [, named] = /^(.+?)(?:_ids?|I[dD]s?)$/.exec(field) ?? []
  if (named !== undefined) return sameNoun(named, type) || clientIds.test(named) ? undefined : named
  const isObject = [value].flat().some((one) => typeof one === 'object' && one !== null)
  const isPartOfType = type.split(/[-_.]|(?=[A-Z])/).some((word) => sameNoun(word, field))
  return (isObject || isPartOfType) && !sameNoun(field, type) ? field : undefined
}

/** Ids that a client assigns to what it creates. */
const clientIds = /^(external|client|custom|public|request|correlation|trace|idempotency)$/i

const valuesOf = (value: Json): string[] =>
  [value].flat().flatMap((one: Json) => {
    const key = typeof one === 'object' ? idOf(one) : one
    return key === undefined || key === null ? [] : [String(key)]
  })
