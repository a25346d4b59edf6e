/** Whether a URL has in it what authenticates: removals are written to disk, where that must not be. */
import { redact } from '../errors/redact.ts'

const parameterName =
  /(^|[-_])(auth(orization|entication)?|sig|pwd)($|[-_])|token|cookie|session|secret|passw|signature|credential|(api|access)[-_]?key/i

/** What it is, in words that do not tell it; undefined: nothing. What `{id}` stands for is on record anyhow. */
export function credentialInUrl(url: string): string | undefined {
  const [place = '', query = ''] = url.replaceAll(/\{(each\.)?id\}/g, '').split('?')
  if (redact(place) !== place) return place.includes('@') ? 'a user name or password' : 'a token'
  const parameter = [...new URLSearchParams(query)].find(
    ([name, value]) => value !== '' && (parameterName.test(name) || redact(value) !== value),
  )
  return parameter && `the parameter ${parameter[0]}`
}
