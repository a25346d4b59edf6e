import { looksLikeId } from '../http-rules/noun.ts'
import type { PlainRequest } from '../http-rules/plain-request.ts'
import { decodeSegment, trimmed } from '../http-rules/route.ts'
import type { Json } from '../resource/resource.ts'

/** A removal without what tells one thing from another: `DELETE /teams/{id}/notes/{id}`. */
export function routeOf({ method, url }: PlainRequest, key: Json): string {
  const path = trimmed(url)
  const route = path
    .split('/')
    .map((segment) => (isOfOne(segment, String(key)) ? '{id}' : segment))
    .join('/')
  // A name that a rule filled in: `/uploads/{body.file}`.
  return `${method} ${route === path ? path.replace(/(.)\/[^/]+$/, '$1/{id}') : route}`
}

const isOfOne = (segment: string, key: string): boolean =>
  segment.includes('{') || looksLikeId(segment) || decodeSegment(segment) === key
