/** Finds an error in the body of a successful answer. */
import { redact } from '../errors/redact.ts'
import { errorSign } from '../http-rules/error-sign.ts'
import type { Json } from '../resource/resource.ts'
import { reasonIn } from './reason-in.ts'

/** Redacted; undefined: the body reports no error. */
export function errorIn(body: string): string | undefined {
  const sign = /^\s*\{/.test(body) ? errorSign(parsed(body)) : undefined
  return sign && redact(reasonIn(body) || `${sign.name} is ${JSON.stringify(sign.value)}`).slice(0, 200)
}

function parsed(body: string): Json | undefined {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
