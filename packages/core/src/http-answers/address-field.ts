/** Recognises fields whose value may stand in a resource's path; others refer to something else (`parent_id`), or describe the resource (`role`). */

import { lastSegment } from './created-set.ts'
import { sameNoun } from './referred.ts'

const names =
  'id|uid|uuid|guid|ulid|number|num|no|nr|slug|key|name|code|ref|reference|handle|login|username|identifier|sku|token|permalink|path|hash|sha'

const plainName = new RegExp(`^_?(iid|${names})$`, 'i')
const qualifiedName = new RegExp(`^(.+?)[-_]?(${names})$`, 'i')
const qualifiers = /^(public|short|display|local|internal|global)$/i

/** `number`, `public_id`, or `orderNumber` of an order. @param path of the collection */
export function isAddressField(field: string, path: string): boolean {
  if (plainName.test(field)) return true
  const [, qualifier] = qualifiedName.exec(field) ?? []
  return qualifier !== undefined && (qualifiers.test(qualifier) || sameNoun(qualifier, lastSegment(path)))
}
