/** The field by which a resource is addressed, from its own links: GitLab numbers issues by `iid`, Gitea by `number`, not by `id`. */

import { isId } from '../http-rules/place.ts'
import type { Json } from '../resource/resource.ts'
import type { CertainIds } from './certain-ids.ts'
import type { Creation } from './created-set.ts'
import { addressedBy, doubts } from './doubts.ts'
import { type Place, placeOf } from './location.ts'
import { linkPath, selfOf } from './other-shown.ts'
import type { SeenAnswer } from './seen-creation.ts'

type Fields = { readonly [name: string]: Json }

/** @param own the resource's id, as far as its body says @param shown the resource */
export function idInLinks(own: Json, shown: Json | undefined, { path }: Creation, answer: SeenAnswer): CertainIds {
  const fields = shown as Fields
  for (const { link, isSelf } of linksOf(fields, answer)) {
    const place = placeIn(linkPath(link, path), path)
    if (place && place.id === String(own)) return { ids: [own] }
    const found = place && idAt(place, fields, isSelf)
    if (found) return found
  }
  const { iid } = fields
  return isId(iid) && String(iid) !== String(own) ? { ids: [], doubt: addressedBy('iid') } : { ids: [own] }
}

/** A link that was sent is data of the resource. */
function linksOf(fields: Fields, { sent }: SeenAnswer) {
  const given = JSON.stringify(sent ?? null)
  const others = [fields.url, fields.href].filter((link) => !given.includes(JSON.stringify(link ?? '')))
  return [{ link: selfOf(fields), isSelf: true }, ...others.map((link) => ({ link, isSelf: false }))]
}

/** A proxy may add a prefix to either path. */
function placeIn(to: string | undefined, path: string): Place | undefined {
  const place = placeOf(to, path)
  if (typeof place === 'object') return place
  const end = to?.lastIndexOf('/') ?? 0
  const collection = to?.slice(0, end) ?? ''
  const isBehindPrefix = collection !== '' && (collection.endsWith(path) || path.endsWith(collection))
  return place && isBehindPrefix ? { id: to?.slice(end + 1) ?? '', isLast: true, isElsewhere: true } : undefined
}

/** Undefined: the link says nothing, as it leads to a page, a file, or something below the resource. */
function idAt({ id, isLast, isElsewhere }: Place, fields: Fields, isSelf: boolean): CertainIds | undefined {
  const [name, value] = Object.entries(fields).find(([, one]) => isId(one) && String(one) === id) ?? []
  if (isElsewhere && !isSelf && !/^\d+$/.test(id)) return undefined
  if (name === undefined || value === undefined)
    return isLast && !isFile(id) && !isElsewhere ? { ids: [], doubt: doubts.linked } : undefined
  return isLast && !isElsewhere ? { ids: [value] } : { ids: [], doubt: addressedBy(name) }
}

const isFile = (name: string): boolean => /\.\w{1,5}$/.test(name)
