/** Answers that tell of a creation by their status, and of a failure by what they say. */
import { idOf } from '../http-rules/default-ids.ts'
import type { Json } from '../resource/resource.ts'

/** `failed`: it says so, and shows nothing of its own; `denied`: it shows a thing, which may have been there; `errors`: something went wrong. */
export function refusal(body: Json | undefined): 'failed' | 'denied' | 'errors' | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
  const answer = body as { readonly [name: string]: Json }
  const isThing = idOf(answer) !== undefined
  if (answer.success === false || answer.ok === false) return isThing ? 'denied' : 'failed'
  const hasErrors = isFilled(answer.error) || isFilled(answer.errors) || (!isThing && hasBadStatus(answer))
  return hasErrors ? 'errors' : undefined
}

const isFilled = (value: Json | undefined): boolean =>
  typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : Boolean(value)

/** Of the answer, not of a thing: a payment may have failed, and is there. */
function hasBadStatus({ status, statusCode, status_code }: { readonly [name: string]: Json }): boolean {
  return [status, statusCode, status_code].some((value) =>
    typeof value === 'string' ? /^(error|fail(ed|ure)?)$/i.test(value) : Number(value) >= 400,
  )
}
