/** What a rule's `create` has to say for the rest of the rule to be right. */
import type { HttpRule } from '../resource/http-options.ts'
import { namesIn } from '../resource/template.ts'
import { invalidOption } from './invalid-option.ts'
import { namesPart, parametersOf } from './parameters.ts'
import { type Place, parsePlace } from './place.ts'
import type { Route } from './route.ts'

/** A place of ids that each request of the rule has. @throws DustpanError `DUSTPAN_CONFIG_INVALID` */
export function parseIdPlace(text: string, routes: readonly Route[], path: string): Place {
  const place = parsePlace(text, path)
  if (place.in !== 'path' || routes.every(({ pattern }) => namesIn(pattern).includes(place.name))) return place
  const hint =
    "Write it like { create: 'PUT /files/{name}', id: 'path.name' }. A name stands for one part of the path; * has no name."
  throw invalidOption(path, 'a name in the braces of create', text, hint)
}

/**
 * `PUT /bucket/{id}?tagging` changes an object that was there before, and its removal would remove the object.
 * @throws DustpanError `DUSTPAN_CONFIG_INVALID`
 */
export function checkParts(rule: HttpRule, routes: readonly Route[], path: string): void {
  if (rule.ignore) return
  const removals = JSON.stringify([rule.remove, rule.removals])
  routes.forEach((route, i) => {
    const part = parametersOf(route.text).find((parameter) => namesPart(parameter[0]) && !completes(route, parameter))
    if (part === undefined || new RegExp(`[?&]${part[0]}\\b`).test(removals)) return
    throw invalidOption(
      Array.isArray(rule.create) ? `${path}.create[${i}]` : `${path}.create`,
      'a request that creates all that its removal removes',
      route.text,
      `With ?${part[0]} it is about a part of something, or about something that was there before. Add ignore: true.`,
    )
  })
}

/** The last request of an upload in parts creates the object: of S3, and of Azure. */
const completes = ({ method }: Route, [name, value]: readonly [string, string]): boolean =>
  (method === 'POST' && name === 'uploadId') || (name === 'comp' && value === 'blocklist')
