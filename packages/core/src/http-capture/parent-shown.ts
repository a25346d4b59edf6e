/** Answers that show what a new thing was added to, and not the thing: the team of `POST /teams/acme/members`. */

import { decodeSegment } from '../http-rules/route.ts'
import type { Json } from '../resource/resource.ts'
import { lastSegment } from './created-set.ts'
import { sameNoun } from './referred.ts'

/** It has a list of such things, or is called what the path calls the parent. */
export function showsParent(thing: Json | undefined, path: string): boolean {
  const parents = new Set(path.split('/').slice(1, -1).map(decodeSegment))
  const noun = lastSegment(path)
  return Object.entries(typeof thing === 'object' && thing !== null ? thing : {}).some(
    ([name, value]) =>
      (Array.isArray(value) && sameNoun(name, noun)) || (isCalled(name, value) && parents.has(String(value))),
  )
}

/** A number may be the parent's by chance; a reference to it (`team`, `orgId`) is a part of the new thing. */
function isCalled(name: string, value: Json): boolean {
  const isText = typeof value === 'string' && !/^\d*$/.test(value)
  return isText && /^(uuid|guid|slug|handle|name|username|login|key|code|identifier)$/i.test(name)
}
