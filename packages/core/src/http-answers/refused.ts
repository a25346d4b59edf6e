/** Recognises answers with a success status whose body reports a failure. */
import { errorSign } from '../http-rules/error-sign.ts'
import type { Json } from '../resource/resource.ts'

/** `failed`: reported, without a resource; `denied`: reported with a resource, which may have existed; `errors`: something went wrong. */
export function refusal(body: Json | undefined): 'failed' | 'denied' | 'errors' | undefined {
  const sign = errorSign(body)
  if (!sign) return undefined
  if (sign.name !== 'success' && sign.name !== 'ok') return 'errors'
  return sign.showsResource ? 'denied' : 'failed'
}
