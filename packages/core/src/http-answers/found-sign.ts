/** Finds words in an answer that mean the resource was found or changed rather than created, or that nothing was done. */
import type { Json } from '../resource/resource.ts'
import { type Doubt, doubts } from './doubts.ts'

/** @param sent a field that the request also has belongs to the resource, except for those that ask for a dry run */
export function foundSign(fields: object, sent: Json | undefined): Doubt | undefined {
  for (const [name, value] of Object.entries(fields)) {
    const sign = signs.find((one) => one.name.test(name) && one.value.test(String(value)))
    if (sign && (sign.alsoSent || !hasField(sent, name))) return sign.doubt
  }
  return undefined
}

interface Sign {
  readonly name: RegExp
  readonly value: RegExp
  readonly doubt: Doubt
  /** It asks for a dry run, and is never a field of a resource. */
  readonly alsoSent?: true
}

const signs: readonly Sign[] = [
  {
    name: /^((is|was)[-_]?)?(newly[-_]?)?(created|inserted)$|^(is|was)[-_]?new([-_]?(record|user))?$/i,
    value: /^false$/,
    doubt: doubts.existed,
  },
  {
    name: /^((is|was|pre)[-_]?)?(existed|existing|updated|reused)$|^(is[-_]?)?duplicate$|^already[-_]?(exist(s|ed|ing)?|created|registered|present|subscribed|known)$/i,
    value: /^true$/,
    doubt: doubts.existed,
  },
  {
    name: /^(action|operation|op|result|outcome|status)$/i,
    value: /^(updated|unchanged|not[-_ ]?modified|exist(s|ed|ing)|already[-_ ]?exists|duplicate)$/i,
    doubt: doubts.existed,
  },
  {
    name: /^(action|operation|op|result|outcome)$/i,
    value: /^(updates?|no[-_ ]?(op|change)|found|replaced?|skipped)$/i,
    doubt: doubts.existed,
  },
  { name: /^(is[-_]?)?dry[-_]?run$|^validate[-_]?only$/i, value: /^true$/, doubt: doubts.notDone, alsoSent: true },
  { name: /^(is[-_]?)?preview$/i, value: /^true$/, doubt: doubts.notDone },
]

/** At any depth. */
function hasField(value: Json | undefined, name: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([one, part]) => one === name || hasField(part, name))
}
