/** Checks that a rule's `create` fits the rest of the rule. */
import type { HttpRule } from '../resource/http-options.ts'
import { namesIn } from '../resource/template.ts'
import { invalidOption } from './invalid-option.ts'
import { isPartParameter, parametersOf } from './parameters.ts'
import { type Place, parsePlace } from './place.ts'
import type { Route } from './route.ts'

/** Parses the place of ids, which every route of the rule must have. @throws DustpanError `DUSTPAN_CONFIG_INVALID` */
export function parseIdPlace(text: string, routes: readonly Route[], path: string): Place {
  const place = parsePlace(text, path)
  if (place.in !== 'path' || routes.every(({ pattern }) => namesIn(pattern).includes(place.name))) return place
  const hint =
    "Write it like { create: 'PUT /files/{name}', id: 'path.name' }. A name stands for one part of the path; * has no name."
  throw invalidOption(path, 'a name in the braces of create', text, hint)
}

/**
 * `PUT /bucket/{id}?tagging` changes an existing object, and its removal would delete the object.
 * @throws DustpanError `DUSTPAN_CONFIG_INVALID`
 */
export function checkParts(rule: HttpRule, routes: readonly Route[], path: string): void {
  if (rule.ignore) return
  const removals = JSON.stringify([rule.remove, rule.removals])
  routes.forEach((route, i) => {
    const part = parametersOf(route.text).find(
      (parameter) => isPartParameter(parameter[0]) && !completes(route, parameter),
    )
    if (part === undefined || new RegExp(`[?&]${part[0]}\\b`).test(removals)) return
    throw invalidOption(
      Array.isArray(rule.create) ? `${path}.create[${i}]` : `${path}.create`,
      'a request that creates all that its removal removes',
      route.text,
      `With ?${part[0]} it is about a part of something, or about something that was there before. Add ignore: true.`,
    )
  })
}

/** The last request of a multipart upload (S3, Azure) creates the object. */
const completes = ({ method }: Route, [name, value]: readonly [string, string]): boolean =>
  (method === 'POST' && name === 'uploadId') || (name === 'comp' && value === 'blocklist')
