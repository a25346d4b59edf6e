/** Redaction for reports, beyond that of every text. */
import { redact, redactValue } from '../errors/redact.ts'
import type { Json } from '../resource/resource.ts'

export { redact }

/** Redacts texts about one resource: for sessions, tokens and similar types also the key, which is the secret. */
export function redactFor(type: string, key: Json): (text: string) => string {
  const secrets = isSecretType(type) ? [key].flat().filter(isOpaque) : []
  const forms = secrets.flatMap((secret) => [secret, encodeURIComponent(secret.toWellFormed())])
  return (text) => redact(forms.reduce((clean, form) => clean.replaceAll(form, mask(form)), text))
}

/** Redacts a value of any shape: each string, and everything under a name that suggests a secret. */
export const redactJson = (value: Json): Json => redactValue(value) as Json

/** Whether the keys of this type may be secrets. */
export const isSecretType = (type: string): boolean =>
  /token|secret|passw(or)?d|api[-_]?key|access[-_]?key|session|credential|cookie/i.test(type)

/** Long enough to be a secret, and neither a number nor a UUID, which are ordinary ids. */
function isOpaque(key: unknown): key is string {
  return typeof key === 'string' && key.length >= 12 && !/^\d+$|^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(key)
}

/** Keeps enough to distinguish two secrets. */
const mask = (secret: string): string => `${secret.slice(0, 4)}***`
