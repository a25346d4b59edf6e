/** Finds removals that would empty a collection: meant for one resource, without anything that identifies it. */
import { isPlural } from '../resource/plural.ts'
import type { Json } from '../resource/resource.ts'
import { namesIn } from '../resource/template.ts'
import { typeOfPath } from './noun.ts'
import type { PlainRequest } from './plain-request.ts'
import type { RequestTemplate } from './request-template.ts'
import { decodeSegment, type Route, trimmed } from './route.ts'

/**
 * The path of the collection that a rule's removal would empty: the create's path, or that of the type. A path that names a
 * single resource (`/cart`, `/me`) does not count; nor does one that PUT creates.
 */
export function emptiedByRule(
  template: RequestTemplate,
  routes: readonly Route[],
  types: readonly string[],
): string | undefined {
  const isOwn = (path: string) => routes.some(({ pattern }) => shapeOf(pattern) === shapeOf(path))
  const isPut = (path: string) =>
    routes.some(({ method, pattern }) => method === 'PUT' && shapeOf(pattern) === shapeOf(path))
  return emptied(template, (request, path) => {
    if (isPut(path) || !(isOwn(path) || types.includes(typeOfPath(path)))) return false
    return !namesIn(path).some((name) => idNames.has(name)) && namesIn(besidePath(request)).length === 0
  })
}

/** The path of the collection that a removal given by hand would empty: it contains neither a placeholder nor one of the ids. */
export function emptiedByHand(template: RequestTemplate, keys: readonly Json[]): string | undefined {
  return emptied(template, (request, path) => {
    const parts = [...trimmed(path).split('/'), ...urlParts(request)].map(decodeSegment)
    const rest = JSON.stringify([request.headers ?? '', request.body ?? ''])
    const isNamed = keys.map(String).some((key) => key !== '' && (parts.includes(key) || rest.includes(key)))
    return !isNamed && namesIn([request.url, besidePath(request)]).length === 0
  })
}

const idNames = new Set(['id', 'each.id', 'ids'])

/** The path of the first of its requests that deletes a whole collection. */
function emptied(
  { first = [], permanent, ...request }: RequestTemplate,
  isAll: (request: PlainRequest, path: string) => boolean,
): string | undefined {
  return [request, ...first, ...(typeof permanent === 'object' ? [permanent] : [])]
    .filter(({ method }) => method === 'DELETE')
    .map((one) => [one, pathOf(one.url)] as const)
    .find(([one, path]) => isCollection(path) && isAll(one, path))?.[1]
}

/** Whether the last segment is a plural noun, or missing. */
function isCollection(path: string): boolean {
  const [last = ''] = (path.split('/').at(-1) ?? '').split('.')
  return last === '' || (/^[a-z][\w-]*$/i.test(last) && isPlural(last))
}

/** Without origin and query. */
const pathOf = (url: string): string => trimmed(url.replace(/^https?:\/\/[^/]+/, ''))

/** The path with all placeholder names removed. */
const shapeOf = (path: string): string => trimmed(path).replace(/\{[\w.-]+\}/g, '{}')

const besidePath = ({ url, headers, body }: PlainRequest): Json => [queryOf(url), headers ?? null, body ?? null]

const queryOf = (url: string): string => url.split('?')[1] ?? ''

const urlParts = ({ url }: PlainRequest): string[] => queryOf(url).split(/[&=,]/)
