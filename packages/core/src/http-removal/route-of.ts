import { isGraphql } from '../http-rules/graphql-body.ts'
import { looksLikeId } from '../http-rules/noun.ts'
import type { PlainRequest } from '../http-rules/plain-request.ts'
import { decodeSegment, trimmed } from '../http-rules/route.ts'
import type { Json } from '../resource/resource.ts'

/** The route, and what distinguishes removals on it: GraphQL and JSON-RPC have one path for everything. */
export function routeAndKind(template: PlainRequest, key: Json): { readonly route: string; readonly kind: string } {
  const route = routeOf(template, key)
  return { route, kind: `${route} ${operationIn(template.body)}` }
}

function operationIn(body: Json | undefined): string {
  if (isGraphql(body)) return body.query
  const { method } = (typeof body === 'object' && body !== null ? body : {}) as { readonly method?: Json }
  return typeof method === 'string' ? method : ''
}

/** A removal without the parts that identify one resource: `DELETE /teams/{id}/notes/{id}`. */
function routeOf({ method, url }: PlainRequest, key: Json): string {
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
