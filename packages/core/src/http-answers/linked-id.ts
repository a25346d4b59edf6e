/** The field by which a resource is addressed, from its own links: GitLab numbers issues by `iid`, Gitea by `number`, not by `id`. */

import { isId } from '../http-rules/place.ts'
import { trimmed } from '../http-rules/route.ts'
import type { Json } from '../resource/resource.ts'
import { hostOf } from './address.ts'
import { isAddressField } from './address-field.ts'
import type { CertainIds } from './certain-ids.ts'
import type { Creation } from './created-set.ts'
import { addressedBy, doubts } from './doubts.ts'
import { type Place, placeOf } from './location.ts'
import { linkUrl, selfOf } from './other-shown.ts'
import type { SeenAnswer } from './seen-creation.ts'
import { type SentValues, sentValues } from './sent-values.ts'

/** @param own the resource's id, as far as its body says @param shown the resource */
export type ReadLinks = (own: Json, shown: Json | undefined) => CertainIds

/** For all resources in one answer: what was sent is read at most once. */
export function linkReader({ path }: Creation, answer: SeenAnswer): ReadLinks {
  let values: SentValues | undefined
  const seen: Seen = { path, origin: answer.origin ?? 'http://x', sent: () => (values ??= sentValues(answer)) }
  return (own, shown) => idInLinks(own, shown as Fields, seen)
}

type Fields = { readonly [name: string]: Json }

interface Seen {
  readonly path: string
  readonly origin: string
  sent(): SentValues
}

interface Link {
  readonly to: string
  readonly isSelf: boolean
  /** On another host, which may address its pages by other names. */
  readonly isForeign: boolean
}

function idInLinks(own: Json, fields: Fields, seen: Seen): CertainIds {
  for (const link of linksOf(fields, seen)) {
    const place = placeIn(link.to, seen.path)
    if (place && place.id === String(own)) return { ids: [own] }
    const found = place && idAt(place, link, fields, seen)
    if (found) return found
  }
  const { iid } = fields
  return isId(iid) && String(iid) !== String(own) ? { ids: [], doubt: addressedBy('iid') } : { ids: [own] }
}

/** A link that was sent is data of the resource, and one to a part or a view of a page may be that of another resource. */
function linksOf(fields: Fields, { path, origin, sent }: Seen): Link[] {
  const given = [selfOf(fields), fields.url, fields.href]
  return given.flatMap((link, i) => {
    const isSelf = i === 0
    const url = linkUrl(link, origin + path)
    if (url === undefined) return []
    if (url.hash !== '' || (!isSelf && (url.search !== '' || sent().hasLink(link)))) return []
    return [{ to: trimmed(url.pathname), isSelf, isForeign: !isSelf && hostOf(url.origin) !== hostOf(origin) }]
  })
}

/** A proxy may add a prefix to either path. */
function placeIn(to: string, path: string): Place | undefined {
  const place = placeOf(to, path)
  if (typeof place === 'object') return place
  const end = to.lastIndexOf('/')
  const collection = to.slice(0, end)
  const isBehindPrefix = collection !== '' && (collection.endsWith(path) || path.endsWith(collection))
  return place && isBehindPrefix ? { id: to.slice(end + 1), isLast: true, isElsewhere: true } : undefined
}

/** Undefined: the link says nothing, as it leads to a page, a file, or something below the resource. */
function idAt(
  { id, isLast, isElsewhere }: Place,
  { isSelf, isForeign }: Link,
  fields: Fields,
  { path, sent }: Seen,
): CertainIds | undefined {
  const isNumber = /^\d+$/.test(id)
  if (isElsewhere && !isSelf && !isNumber) return undefined
  const equal = Object.entries(fields).filter(([, one]) => isId(one) && String(one) === id)
  const address = equal.find(([name]) => isAddressField(name, path))
  const [name, value] = address ?? equal[0] ?? []
  if (name === undefined || value === undefined)
    return isLast && !isFile(id) && !isElsewhere ? { ids: [], doubt: doubts.linked } : undefined
  if (address && isLast && !isElsewhere && !isForeign && !sent().mayHave(value)) return { ids: [value] }
  return { ids: [], doubt: address || isSelf || isNumber ? addressedBy(name) : doubts.linked }
}

const isFile = (name: string): boolean => /\.\w{1,5}$/.test(name)
