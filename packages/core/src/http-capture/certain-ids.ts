/** The ids of what was created, where no rule vouches for the answer: only those that can be nothing else's. */

import { idOf, unwrapped } from '../http-rules/default-ids.ts'
import { looksLikeId } from '../http-rules/noun.ts'
import { isId } from '../http-rules/place.ts'
import { decodeSegment } from '../http-rules/route.ts'
import { singular } from '../resource/plural.ts'
import type { Json } from '../resource/resource.ts'
import { lastSegment } from './created-set.ts'
import { placeOf } from './location.ts'
import { namesThing } from './referred.ts'
import type { SeenAnswer, SeenCreation } from './seen-creation.ts'

export type CertainIds = { readonly ids: readonly Json[] } | { readonly doubt: Doubt }

/** Why nothing is believed, and what of a rule says otherwise. */
export interface Doubt {
  readonly why: string
  readonly rule: string
}

export const doubts = {
  noId: { why: 'no id was found in the answer', rule: "id: 'body.name'" },
  elsewhere: {
    why: 'its Location does not go on from that path',
    rule: "id: 'location', remove: 'DELETE /things/{id}'",
  },
  several: { why: 'its Location ends in an id that its body does not have', rule: "id: 'body.id'" },
  ofPath: { why: 'the id in the answer is one of that path', rule: "id: 'body.id'" },
  list: { why: 'its list is not as long as the one that was sent', rule: "id: 'body[].id'" },
  collection: {
    why: 'that path may be the one of many things',
    rule: "id: 'body.id', remove: 'DELETE /things/{id}'",
  },
  whoeverAsks: {
    why: 'its path (me, my, current) means whoever asks, and a removal may be sent by somebody else',
    rule: "remove: 'DELETE /users/{body.userId}/things/{id}'",
  },
} as const satisfies Record<string, Doubt>

export function certainIds(creation: SeenCreation, answer: SeenAnswer, type: string): CertainIds {
  const found = creation.method === 'PUT' ? idOfPut(creation, answer, type) : idsOfPost(creation, answer, type)
  if ('ids' in found && [...creation.path.split('/'), ...found.ids].some(meansWhoeverAsks))
    return { doubt: doubts.whoeverAsks }
  return found
}

function idsOfPost(creation: SeenCreation, answer: SeenAnswer, type: string): CertainIds {
  const thing = unwrapped(answer.body, type)
  if (Array.isArray(thing)) return idsOfList(thing, answer, type)
  const own = idOf(thing)
  const place = placeOf(answer.location, creation.path)
  if (place === 'elsewhere' || (place?.isElsewhere && isNamed(place.id, creation, answer)))
    return { doubt: doubts.elsewhere }
  if (place === undefined) return own === undefined ? { doubt: doubts.noId } : unlessOfPath(own, creation, thing)
  if (own !== undefined) return idShown(place.id, own, thing)
  return place.isLast && isId(place.id) ? { ids: [place.id] } : { doubt: doubts.noId }
}

/** One that was there before is put into another collection: `POST /categories/3/products` with `{ productId: 9 }`. */
function isNamed(id: string, { path }: SeenCreation, { sent }: SeenAnswer): boolean {
  return String(idOf(sent)) === id || namesThing(sent, lastSegment(path), id)
}

/** A body that does not have what `Location` ends in may show something else; it may have it as `slug`, beside an id that no path has. */
function idShown(id: string, own: Json, thing: Json | undefined): CertainIds {
  const shown = [own, ...Object.values(thing ?? {})].find((value) => String(value) === id)
  return isId(shown) ? { ids: [shown] } : { doubt: doubts.several }
}

/** An answer may also list what was there before (all items of a cart, to which one was added). */
function idsOfList(list: readonly Json[], { sent }: SeenAnswer, type: string): CertainIds {
  const given = unwrapped(sent, type)
  const count = Array.isArray(given) ? given.length : typeof sent === 'object' && sent !== null ? 1 : undefined
  if (list.length !== count) return { doubt: doubts.list }
  const ids = list.map(idOf).filter((id) => id !== undefined)
  return ids.length > 0 ? { ids } : { doubt: doubts.noId }
}

/** The answer may show the cart to which an item was added. An item that has its cart's id by chance names that cart too. */
function unlessOfPath(own: Json, { path }: SeenCreation, thing: Json | undefined): CertainIds {
  const segments = path.split('/').map(decodeSegment)
  const owners = segments.flatMap((segment, i) => (segment === String(own) ? [segments[i - 1] ?? ''] : []))
  const isNew = owners.length === 0 || owners.some((owner) => namesThing(thing, owner, own))
  return isNew ? { ids: [own] } : { doubt: doubts.ofPath }
}

/** `DELETE` of a path that is no single thing's would take all that is there. */
function idOfPut({ path }: SeenCreation, { body, location }: SeenAnswer, type: string): CertainIds {
  const last = lastSegment(path)
  const own = idOf(unwrapped(body, type))
  const isConfirmed = own !== undefined && String(own) === last
  const isDenied = (own !== undefined && !isConfirmed) || placeOf(location, path) !== undefined
  const isOne = isConfirmed || looksLikeId(last) || followsCollection(path)
  return isOne && !isDenied && isId(last) ? { ids: [last] } : { doubt: doubts.collection }
}

/** `/users/carl`; not `/users/7/notes`, nor `/services/cats`. */
function followsCollection(path: string): boolean {
  const [before = '', last = ''] = path.split('/').slice(-2)
  return isPlural(before) && !isPlural(last)
}

const isPlural = (segment: string): boolean => !looksLikeId(segment) && singular(segment) !== segment

function meansWhoeverAsks(segment: Json): boolean {
  return /^(@?me|my|mine|(my)?self|current([-_]?user)?)$/i.test(String(segment))
}
