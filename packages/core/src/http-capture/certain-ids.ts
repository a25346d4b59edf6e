/** The ids of what was created, where no rule vouches for the answer: only those that can be nothing else's. */

import { idOf, unwrapped } from '../http-rules/default-ids.ts'
import { isId } from '../http-rules/place.ts'
import { decodeSegment } from '../http-rules/route.ts'
import type { Json } from '../resource/resource.ts'
import { lastSegment } from './created-set.ts'
import { type Doubt, doubts } from './doubts.ts'
import { noCreation } from './items.ts'
import { placeOf } from './location.ts'
import { showsOther } from './other-shown.ts'
import { showsParent } from './parent-shown.ts'
import { namesThing } from './referred.ts'
import type { SeenAnswer, SeenCreation } from './seen-creation.ts'
import { namesOne } from './segments.ts'
import { isSentReference } from './sent-reference.ts'
import { unlessOverwritten } from './upload.ts'
import { wasThere } from './was-there.ts'

export interface CertainIds {
  readonly ids: readonly Json[]
  /** Why not all are believed, or none. */
  readonly doubt?: Doubt
}

export function certainIds(creation: SeenCreation, answer: SeenAnswer, type: string): CertainIds {
  if (answer.doubt) return none(answer.doubt)
  const said = wasThere(unwrapped(answer.body, type), answer)
  if (said) return none(said)
  const found = creation.method === 'PUT' ? idOfPut(creation, answer, type) : idsOfPost(creation, answer, type)
  if ([...creation.path.split('/'), ...found.ids].some(meansWhoeverAsks)) return none(doubts.whoeverAsks)
  const ids = unlessOverwritten(found.ids, creation, answer.upload)
  return ids.length < found.ids.length ? { ids, doubt: doubts.overwritten } : found
}

const none = (doubt: Doubt): CertainIds => ({ ids: [], doubt })

function idsOfPost(creation: SeenCreation, answer: SeenAnswer, type: string): CertainIds {
  const thing = unwrapped(answer.body, type)
  if ([thing].flat().some((one) => showsParent(one, creation.path))) return none(doubts.ofParent)
  const place = placeOf(answer.location, creation.path)
  if (place === undefined && showsOther(thing, creation, answer, type)) return none(doubts.other)
  if (Array.isArray(thing)) return idsOfList(thing, answer, type)
  const own = idOf(thing)
  if (place === 'elsewhere' || (place?.isElsewhere && isNamed(place.id, answer))) return none(doubts.elsewhere)
  if (place === undefined)
    return own === undefined ? none(doubts.noId) : unlessAnothers(own, creation, thing, answer, type)
  if (own !== undefined) return idShown(place.id, own, thing)
  if (answer.isElsewhere) return none(doubts.otherOrigin)
  return place.isLast && isId(place.id) ? { ids: [place.id] } : none(doubts.noId)
}

/** One that was there before is put into another collection: `POST /shop/products` with `{ productId: 9 }`, or in a form, which is not read. */
function isNamed(id: string, { sent, isOpaque }: SeenAnswer): boolean {
  return isOpaque === true || holdsValue(sent, id)
}

/** As it stands, or at the end of a path: `{ product: '/products/9' }`. */
function holdsValue(value: Json | undefined, id: string): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some((part) => holdsValue(part, id))
  return String(value) === id || String(value).endsWith(`/${id}`)
}

/** A body that does not have what `Location` ends in may show something else; it may have it as `slug`, beside an id that no path has. */
function idShown(id: string, own: Json, thing: Json | undefined): CertainIds {
  const shown = [own, ...Object.values(thing ?? {})].find((value) => String(value) === id)
  return isId(shown) ? { ids: [shown] } : none(doubts.several)
}

/** An answer may also list what was there before (all items of a cart, to which one was added). */
function idsOfList(list: readonly Json[], answer: SeenAnswer, type: string): CertainIds {
  const { sent } = answer
  if (answer.upload) return none(doubts.overwritten)
  const given = unwrapped(sent, type)
  const count = Array.isArray(given) ? given.length : typeof sent === 'object' && sent !== null ? 1 : undefined
  if (list.length !== count) return none(doubts.list)
  const made = list.filter((one) => noCreation(one, answer, []) === undefined)
  const ids = made.map(idOf).filter((id) => id !== undefined)
  if (ids.length === 0) return none(made.length < list.length ? doubts.changed : doubts.noId)
  const isNamed = list.some((one, i) => isSentReference(idOf(one) ?? '', one, [given].flat()[i], type))
  if (isNamed) return none(doubts.ofSent)
  // One status for all: what had an id may have been changed.
  const named = new Set([given].flat().map((one) => String(idOf(one))))
  const news = ids.filter((id) => !named.has(String(id)))
  if (news.length < ids.length) return { ids: news, doubt: doubts.sent }
  return made.length === list.length ? { ids } : { ids, doubt: doubts.changed }
}

/** The answer may show the cart to which an item was added. An item that has its cart's id by chance names that cart too. */
function unlessAnothers(
  own: Json,
  { path }: SeenCreation,
  thing: Json | undefined,
  { sent }: SeenAnswer,
  type: string,
): CertainIds {
  if (isSentReference(own, thing, sent, type)) return none(doubts.ofSent)
  const segments = path.split('/').map(decodeSegment)
  const owners = segments.flatMap((segment, i) => (segment === String(own) ? [segments[i - 1] ?? ''] : []))
  const isNew = owners.length === 0 || owners.some((owner) => namesThing(thing, owner, own))
  return isNew ? { ids: [own] } : none(doubts.ofPath)
}

/** `DELETE` of a path that is no single thing's would take all that is there. */
function idOfPut({ path }: SeenCreation, { body, location }: SeenAnswer, type: string): CertainIds {
  const last = lastSegment(path)
  const own = idOf(unwrapped(body, type))
  const isConfirmed = own !== undefined && String(own) === last
  const isDenied = (own !== undefined && !isConfirmed) || placeOf(location, path) !== undefined
  const isOne = isConfirmed || namesOne(path)
  return isOne && !isDenied && isId(last) ? { ids: [last] } : none(doubts.collection)
}

function meansWhoeverAsks(segment: Json): boolean {
  return /^(@?me|my|mine|(my)?self|current([-_]?user)?)$/i.test(String(segment))
}
