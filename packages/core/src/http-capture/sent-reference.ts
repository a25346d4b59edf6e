/** An id in an answer that the request itself named as another thing's: the order of `POST /order-items` with `{ orderId: 7 }`. */
import { idOf, unwrapped } from '../http-rules/default-ids.ts'
import type { Json } from '../resource/resource.ts'
import { namesThing, sameNoun } from './referred.ts'

/** Not where the answer names that thing too, under its own name: then it has that id by chance. */
export function isSentReference(own: Json, thing: Json | undefined, sent: Json | undefined, type: string): boolean {
  const given = unwrapped(sent, type) ?? sent
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false
  return Object.entries(given).some(([field, value]) => {
    const noun = nounOf(field, value, type)
    if (noun === undefined || !valuesOf(value).includes(String(own))) return false
    return !namesThing(thing, noun, own)
  })
}

/** What a field refers to; undefined: it is a value of the new thing, or its own id. */
function nounOf(field: string, value: Json, type: string): string | undefined {
  const [, named] = /^(.+?)(?:_ids?|I[dD]s?)$/.exec(field) ?? []
  if (named !== undefined) return sameNoun(named, type) || ofNobody.test(named) ? undefined : named
  const isObject = [value].flat().some((one) => typeof one === 'object' && one !== null)
  const isPartOfType = type.split(/[-_.]|(?=[A-Z])/).some((word) => sameNoun(word, field))
  return (isObject || isPartOfType) && !sameNoun(field, type) ? field : undefined
}

/** Ids that a client gives what it creates. */
const ofNobody = /^(external|client|custom|public|request|correlation|trace|idempotency)$/i

const valuesOf = (value: Json): string[] =>
  [value].flat().flatMap((one: Json) => {
    const key = typeof one === 'object' ? idOf(one) : one
    return key === undefined || key === null ? [] : [String(key)]
  })
