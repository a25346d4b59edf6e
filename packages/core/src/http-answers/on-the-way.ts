/** What the objects around a resource say about it, on the way to a rule's place: `{ created: false, user: { id: 3 } }`. */
import type { Place } from '../http-rules/place.ts'
import type { Rule } from '../http-rules/rules.ts'
import type { Json } from '../resource/resource.ts'
import { foundSign } from './found-sign.ts'

export interface OnTheWay {
  /** The body, without what was not created. */
  readonly body: Json | undefined
  /** What was left out: found, or denied. */
  readonly left: 'found' | 'denied' | undefined
}

export function createdOnTheWay(body: Json | undefined, { id, many = {} }: Rule, sent: Json | undefined): OnTheWay {
  const seen = new Set<'found' | 'denied'>()
  const places: readonly Place[] = id ? [id] : Object.values(many)
  let rest = body
  for (const place of places) if (place.in === 'body' && rest !== undefined) rest = pruned(rest, place.steps)
  return { body: rest, left: seen.has('found') ? 'found' : seen.has('denied') ? 'denied' : undefined }

  /** The body itself and the items of a list are judged elsewhere. */
  function pruned(value: Json, steps: readonly string[], isJudged = true): Json {
    const [first, ...rest] = steps
    if (Array.isArray(value)) return value.map((item: Json) => pruned(item, first === '[]' ? rest : steps))
    if (first === undefined || typeof value !== 'object' || value === null) return value
    const fields = value as { readonly [name: string]: Json }
    const sign = isJudged ? undefined : signIn(fields, sent, steps)
    if (sign) {
      seen.add(sign)
      return null
    }
    const part = fields[first]
    return part === undefined ? value : { ...fields, [first]: pruned(part, rest, false) }
  }
}

/** In the resource itself, only words without another meaning count. */
function signIn(
  fields: { readonly [name: string]: Json },
  sent: Json | undefined,
  steps: readonly string[],
): 'found' | 'denied' | undefined {
  if (fields.created === false || (steps.length > 1 && foundSign(fields, sent))) return 'found'
  return fields.success === false || fields.ok === false ? 'denied' : undefined
}
