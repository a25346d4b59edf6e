/** Finds credentials in a URL or a body: removals are written to disk, where credentials must not be. */
import { redact } from '../errors/redact.ts'
import type { Json } from '../resource/resource.ts'

const parameterName =
  /(^|[-_])(auth(orization|entication)?|sig|pwd)($|[-_])|token|cookie|session|secret|passw|signature|credential|(api|access)[-_]?key/i

/** Describes the credential without revealing it; undefined: none. The value of `{id}` is recorded anyway. */
export function credentialInUrl(url: string): string | undefined {
  const [place = '', query = ''] = url.replaceAll(/\{(each\.)?id\}/g, '').split('?')
  if (redact(place) !== place) return place.includes('@') ? 'a user name or password' : 'a token'
  const parameter = [...new URLSearchParams(query)].find(
    ([name, value]) => value !== '' && (parameterName.test(name) || redact(value) !== value),
  )
  return parameter && `the parameter ${parameter[0]}`
}

/** Like {@link credentialInUrl}; numbers and booleans are not credentials. */
export function credentialInBody(body: Json, name = ''): string | undefined {
  if (typeof body === 'string') {
    const text = body.replaceAll(/\{(each\.)?ids?\}/g, '')
    if (text === '') return undefined
    return parameterName.test(name) ? `the field ${name}` : redact(text) === text ? undefined : 'a token or password'
  }
  if (typeof body !== 'object' || body === null) return undefined
  for (const [key, value] of Object.entries(body)) {
    const found = credentialInBody(value as Json, Array.isArray(body) ? name : key)
    if (found !== undefined) return found
  }
  return undefined
}
