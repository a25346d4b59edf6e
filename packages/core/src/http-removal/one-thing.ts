/**
 * A final check of a derived removal: with one of the service's own words as the id (`/users` or `/login`, from a redirect) it
 * would remove something else, or everything.
 */
import { DustpanError } from '../errors/dustpan-error.ts'
import { looksLikeId, typeOfPath } from '../http-rules/noun.ts'
import type { RequestTemplate } from '../http-rules/request-template.ts'
import { trimmed } from '../http-rules/route.ts'
import { isPlural, singular } from '../resource/plural.ts'
import type { RemovalOutcome, Target } from '../resource/target.ts'
import { requestLine } from './request-line.ts'

/** @param template not filled in; its literal parts come from a rule */
export function doubtfulIdOutcome(
  { captured, type, key }: Target,
  template: RequestTemplate,
  filled: RequestTemplate,
): RemovalOutcome | undefined {
  if (!captured || template.method !== 'DELETE') return undefined
  const above = /^(.*)\/\{(?:each\.)?id\}$/.exec(trimmed(template.url))?.[1]
  if (above === undefined || !isWord(String(key), above, type)) return undefined
  const error = new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    `${requestLine(filled)} was not sent: ${JSON.stringify(key)} does not look like the id of a single ${type}.`,
    {
      hint: "Say in the rule where the id is (id: 'body.id'). If this really is what to remove, name the field: remove: 'DELETE /things/{body.name}'.",
    },
  )
  return { state: 'failed', error, retry: false }
}

function isWord(id: string, above: string, type: string): boolean {
  if (id.trim() === '' || id.includes('*') || reserved.has(id.toLowerCase())) return true
  if (looksLikeId(id) || isCollectionOf(type, above)) return false
  return pages.has(id.toLowerCase()) || (/^[a-z][a-z_-]*$/i.test(id) && isPlural(id))
}

/** In `/tags` any word may be the name of a tag. */
const isCollectionOf = (type: string, path: string): boolean =>
  typeOfPath(path) === type && singular(path.slice(path.lastIndexOf('/') + 1)) === type

/** Words that services use instead of an id, also within collections. */
const reserved = new Set([
  ...['all', '_all', 'current', 'edit', 'login', 'logout', 'me', 'new', 'null', 'register', 'self', 'undefined'],
  ...['sign-in', 'sign-out', 'sign-up', 'sign_in', 'sign_out', 'sign_up', 'signin', 'signout', 'signup'],
])

const pages = new Set([
  ...['account', 'admin', 'api', 'auth', 'cart', 'checkout', 'create', 'dashboard', 'health', 'home', 'index'],
  ...['list', 'profile', 'search', 'session', 'status', 'thank-you', 'user', 'welcome'],
])
