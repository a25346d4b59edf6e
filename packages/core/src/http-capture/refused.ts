/** Answers that tell of a creation by their status, and of a failure by what they say. */
import { errorSign } from '../http-rules/error-sign.ts'
import type { Json } from '../resource/resource.ts'

/** `failed`: it says so, and shows nothing of its own; `denied`: it shows a thing, which may have been there; `errors`: something went wrong. */
export function refusal(body: Json | undefined): 'failed' | 'denied' | 'errors' | undefined {
  const sign = errorSign(body)
  if (!sign) return undefined
  if (sign.name !== 'success' && sign.name !== 'ok') return 'errors'
  return sign.showsThing ? 'denied' : 'failed'
}
