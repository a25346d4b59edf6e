import { looksLikeId } from '../http-rules/noun.ts'
import type { PlainRequest } from '../http-rules/plain-request.ts'
import { decodeSegment, trimmed } from '../http-rules/route.ts'
import type { Json } from '../resource/resource.ts'

/** A removal without the parts that identify one resource: `DELETE /teams/{id}/notes/{id}`. */
export function routeOf({ method, url }: PlainRequest, key: Json): string {
  const path = trimmed(url)
  const route = path
    .split('/')
    .map((segment) => (identifies(segment, String(key)) ? '{id}' : segment))
    .join('/')
  // A path in which a rule filled in a name: `/uploads/{body.file}`.
  return `${method} ${route === path ? path.replace(/(.)\/[^/]+$/, '$1/{id}') : route}`
}

const identifies = (segment: string, key: string): boolean =>
  segment.includes('{') || looksLikeId(segment) || decodeSegment(segment) === key
