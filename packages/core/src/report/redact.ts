/** What reports take out beyond what is taken out of every text. */
import { redact, redactValue } from '../errors/redact.ts'
import type { Json } from '../resource/resource.ts'

export { redact }

/** For the texts about one resource: where sessions, tokens and the like have their secret as key, that goes too. */
export function redactFor(type: string, key: Json): (text: string) => string {
  const secrets = isSecretType(type) ? [key].flat().filter(isOpaque) : []
  const forms = secrets.flatMap((secret) => [secret, encodeURIComponent(secret.toWellFormed())])
  return (text) => redact(forms.reduce((clean, form) => clean.replaceAll(form, mask(form)), text))
}

/** A value of any shape: strings one by one, and whatever stands under a name that tells of a secret. */
export const redactJson = (value: Json): Json => redactValue(value) as Json

/** Whether the key of such a thing may be a secret itself. */
export const isSecretType = (type: string): boolean =>
  /token|secret|passw(or)?d|api[-_]?key|access[-_]?key|session|credential|cookie/i.test(type)

/** Long enough to be a secret, and neither a number nor a UUID: those are names of things. */
function isOpaque(key: unknown): key is string {
  return typeof key === 'string' && key.length >= 12 && !/^\d+$|^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(key)
}

/** Enough to tell two apart. */
const mask = (secret: string): string => `${secret.slice(0, 4)}***`
