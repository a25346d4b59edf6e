/** The ids of created resources where no rule vouches for the answer: only ids that cannot belong to anything else. */

import { idOf, unwrapped } from '../http-rules/default-ids.ts'
import { isId } from '../http-rules/place.ts'
import { decodeSegment } from '../http-rules/route.ts'
import type { Json } from '../resource/resource.ts'
import { lastSegment } from './created-set.ts'
import { type Doubt, doubts } from './doubts.ts'
import { noCreation } from './items.ts'
import { linkReader } from './linked-id.ts'
import { placeOf } from './location.ts'
import { namesOtherIndex, showsOther } from './other-shown.ts'
import { showsParent } from './parent-shown.ts'
import { refersTo } from './referred.ts'
import type { SeenAnswer, SeenCreation } from './seen-creation.ts'
import { endsInReading, namesOne } from './segments.ts'
import { mayContain } from './sent-id.ts'
import { isSentReference } from './sent-reference.ts'
import { unlessOverwritten } from './upload.ts'
import { existedBefore } from './was-there.ts'

export interface CertainIds {
  readonly ids: readonly Json[]
  /** Why some or all ids are not trusted. */
  readonly doubt?: Doubt | undefined
}

export function certainIds(creation: SeenCreation, answer: SeenAnswer, type: string): CertainIds {
  if (answer.doubt) return none(answer.doubt)
  const existed = existedBefore(unwrapped(answer.body, type), answer)
  if (existed) return none(existed)
  if (namesOtherIndex(answer.body, creation.path)) return none(doubts.index)
  if (isCalledMine(creation)) return none(doubts.calledMine)
  const found = creation.method === 'PUT' ? idOfPut(creation, answer, type) : idsOfPost(creation, answer, type)
  if ([...creation.path.split('/'), ...found.ids].some(dependsOnSender)) return none(doubts.dependsOnSender)
  const certain = unlessOverwritten(found.ids, creation, answer)
  return certain.doubt ? certain : found
}

const none = (doubt: Doubt): CertainIds => ({ ids: [], doubt })

function idsOfPost(creation: SeenCreation, answer: SeenAnswer, type: string): CertainIds {
  if (answer.location === undefined && endsInReading(creation.path)) return none(doubts.reads)
  const shown = unwrapped(answer.body, type)
  if ([shown].flat().some((one) => showsParent(one, creation.path))) return none(doubts.ofParent)
  const place = placeOf(answer.location, creation.path)
  if (place === undefined && showsOther(shown, creation, answer, type)) return none(doubts.other)
  if (Array.isArray(shown)) return idsOfList(shown, creation, answer, type)
  const own = idOf(shown)
  if (place === 'elsewhere' || (place?.isElsewhere && isNamed(place.id, answer))) return none(doubts.elsewhere)
  if (place === undefined) return own === undefined ? none(doubts.noId) : idOfShown(own, creation, shown, answer, type)
  if (own !== undefined) return idShown(place.id, own, shown)
  if (answer.isElsewhere) return none(doubts.otherOrigin)
  return place.isLast && isId(place.id) ? { ids: [place.id] } : none(doubts.noId)
}

/** An existing resource is added to another collection: `POST /shop/products` with `{ productId: 9 }`, or with a form, which is not read. */
function isNamed(id: string, { sent, isOpaque }: SeenAnswer): boolean {
  return isOpaque === true || holdsValue(sent, id)
}

/** As it is, or at the end of a path: `{ product: '/products/9' }`. */
function holdsValue(value: Json | undefined, id: string): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some((part) => holdsValue(part, id))
  return String(value) === id || String(value).endsWith(`/${id}`)
}

/**
 * A body without the id in `Location` may show another resource; the id may also be its `slug`, beside an id that no path has.
 */
function idShown(id: string, own: Json, shown: Json | undefined): CertainIds {
  const ownValue = [own, ...Object.values(shown ?? {})].find((value) => String(value) === id)
  return isId(ownValue) ? { ids: [ownValue] } : none(doubts.several)
}

/** An answer may also list existing resources (all items of a cart to which one was added). */
function idsOfList(list: readonly Json[], creation: SeenCreation, answer: SeenAnswer, type: string): CertainIds {
  const { sent } = answer
  if (answer.upload) return none(doubts.overwritten)
  if (isUnread(answer)) return none(doubts.unread)
  const given = unwrapped(sent, type)
  const count = Array.isArray(given) ? given.length : typeof sent === 'object' && sent !== null ? 1 : undefined
  if (list.length !== count) return none(doubts.list)
  const created = list.filter((one) => noCreation(one, answer, []) === undefined)
  const readLinks = linkReader(creation, answer)
  const found = created.flatMap((one) => {
    const own = idOf(one)
    return own === undefined ? [] : [readLinks(own, one)]
  })
  const doubtful = found.find(({ doubt }) => doubt)?.doubt
  if (doubtful) return none(doubtful)
  const ids = found.flatMap((one) => one.ids)
  if (ids.length === 0) return none(created.length < list.length ? doubts.changed : doubts.noId)
  const items = [given].flat()
  const isNamed = list.some((one, i) => isSentReference(idOf(one) ?? '', one, items[i], type))
  if (isNamed) return none(doubts.ofSent)
  // There is one status for all: items sent with an id may have been changed, not created.
  const named = new Set(Array.isArray(given) ? idsWithin(given) : [])
  const isNew = (id: Json) => !named.has(String(id)) && (Array.isArray(given) || !holdsValue(sent, String(id)))
  const newIds = ids.filter(isNew)
  if (newIds.length < ids.length) return { ids: newIds, doubt: doubts.sent }
  return created.length === list.length ? { ids } : { ids, doubt: doubts.changed }
}

/** The ids of all objects in a value. */
function idsWithin(value: Json): string[] {
  if (typeof value !== 'object' || value === null) return []
  const own = idOf(value)
  return [...(own === undefined ? [] : [String(own)]), ...Object.values(value).flatMap((one: Json) => idsWithin(one))]
}

function idOfShown(
  own: Json,
  creation: SeenCreation,
  shown: Json | undefined,
  answer: SeenAnswer,
  type: string,
): CertainIds {
  const linked = linkReader(creation, answer)(own, shown)
  const [id] = linked.ids
  return id === undefined ? linked : unlessParentId(id, creation, shown, answer, type)
}

/** The answer may show the cart to which an item was added. An item whose id happens to equal its cart's also names that cart. */
function unlessParentId(
  own: Json,
  { path }: SeenCreation,
  shown: Json | undefined,
  answer: SeenAnswer,
  type: string,
): CertainIds {
  if (isUnread(answer)) return none(doubts.unread)
  if (isSentReference(own, shown, answer.sent, type) || isInText(own, answer)) return none(doubts.ofSent)
  const segments = path.split('/').map(decodeSegment)
  const owners = segments.flatMap((segment, i) => (segment === String(own) ? [segments[i - 1] ?? ''] : []))
  const isNew = owners.length === 0 || owners.some((owner) => refersTo(shown, owner, own))
  return isNew ? { ids: [own] } : none(doubts.ofPath)
}

/** Whether the request's body may contain anything, as it cannot be read. */
const isUnread = ({ isOpaque, upload, sentText }: SeenAnswer): boolean =>
  isOpaque === true && !upload && sentText?.() === undefined

/** JSON with several values, or with errors. */
const isInText = (id: Json, { isOpaque, upload, sentText }: SeenAnswer): boolean =>
  isOpaque === true && !upload && mayContain(sentText?.(), id)

/** `DELETE` of a collection's path would remove everything in it. A body may have the revision of what it changes. */
function idOfPut({ path }: SeenCreation, answer: SeenAnswer, type: string): CertainIds {
  if (isUnread(answer)) return none(doubts.unread)
  const { body, location } = answer
  const last = lastSegment(path)
  const own = idOf(unwrapped(body, type))
  const isConfirmed = own !== undefined && String(own) === last
  const isDenied = (own !== undefined && !isConfirmed) || placeOf(location, path) !== undefined
  const isOne = isConfirmed || namesOne(path)
  return isOne && !isDenied && isId(last) ? { ids: [last] } : none(doubts.collection)
}

function isCalledMine({ method, path }: SeenCreation): boolean {
  const [last, ...others] = path.split('/').reverse()
  return method === 'PUT' && last === 'mine' && !others.some(dependsOnSender)
}

function dependsOnSender(segment: Json): boolean {
  return /^(@?me|my|mine|(my)?self|current([-_]?user)?)$/i.test(String(segment))
}
