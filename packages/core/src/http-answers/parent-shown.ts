/** Recognises answers that show the parent of the new resource instead: the team of `POST /teams/acme/members`. */

import { decodeSegment } from '../http-rules/route.ts'
import type { Json } from '../resource/resource.ts'
import { lastSegment } from './created-set.ts'
import { sameNoun } from './referred.ts'

/** Whether it has a list of such resources, or the parent's name from the path. */
export function showsParent(shown: Json | undefined, path: string): boolean {
  const parents = new Set(path.split('/').slice(1, -1).map(decodeSegment))
  const noun = lastSegment(path)
  return Object.entries(typeof shown === 'object' && shown !== null ? shown : {}).some(
    ([name, value]) =>
      (Array.isArray(value) && sameNoun(name, noun)) || (isName(name, value) && parents.has(String(value))),
  )
}

/** A number may equal the parent's by chance; a reference to the parent (`team`, `orgId`) is a field of the new resource. */
function isName(name: string, value: Json): boolean {
  const isText = typeof value === 'string' && !/^\d*$/.test(value)
  return isText && /^(uuid|guid|slug|handle|name|username|login|key|code|identifier)$/i.test(name)
}
