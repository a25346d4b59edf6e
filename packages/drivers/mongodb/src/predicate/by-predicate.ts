/** Counts and removes documents by predicate, without records. */
import {
  type Agreed,
  type Matched,
  type Matches,
  matchedOf,
  moreThanAgreed,
  type RemovalContext,
  type Selection,
  type StoreConnection,
} from '@dustpan/core/driver'
import {
  counted,
  eachKind,
  exceptedHere,
  foundTarget,
  isUnfit,
  notSearched,
  ownerAsked,
  samples,
  unfit,
} from '@dustpan/core/rows'
import { type Key, keyOf } from '../keys.ts'
import type { Document } from '../mongo.ts'
import type { Settings } from '../options.ts'
import type { SoftFieldsOf } from '../removal/batches.ts'
import { removeAll } from '../removal/connection.ts'
import type { OwnClient } from '../removal/own-client.ts'
import { documentRemoval } from '../removal/spec.ts'
import { filterOf, isNot, unmarkedFilter } from './filter.ts'
import { type AskedKind, collectionNames, kindsAsked } from './kinds.ts'
import { childrenFirst } from './order.ts'
import { findOwner, type Owner } from './owner.ts'
import { hasObjectIdTime, usesObjectIdTime } from './time.ts'

type ByPredicate = Required<Pick<StoreConnection, 'count' | 'removeWhere'>>

export function byPredicate(
  own: OwnClient,
  settings: Settings,
  softFieldsFor: (selection: Selection) => SoftFieldsOf,
): ByPredicate {
  const find = async (selection: Selection) => {
    const names = await collectionNames(own)
    const kinds = await kindsAsked(own, names, settings, selection, softFieldsFor(selection))
    return { names, kinds, owner: await findOwner(own, settings, ownerAsked(kinds, selection)) }
  }
  return {
    async count(selection) {
      const { names, kinds, owner } = await find(selection)
      const matched = await Promise.all(kinds.map((kind) => (isUnfit(kind) ? unfit(kind) : count(own, kind, owner))))
      const excepted = exceptedHere(settings.kinds ?? {}, names, selection)
      return { kinds: matched, excepted, ...preserved(owner) }
    },
    async removeWhere(selection, agreed, ctx) {
      const { kinds, owner } = await find(selection)
      const removing = { own, settings, softFieldsOf: softFieldsFor(selection), agreed, ctx }
      const selected = childrenFirst(kinds, settings).filter(({ type }) => agreed.has(type))
      const matched = await eachKind(selected, (kind: AskedKind) => remove(kind, owner, removing))
      return { kinds: matched, ...preserved(owner) } satisfies Matches
    },
  }
}

const preserved = (owner: Owner | undefined) => (owner ? { preserved: owner.type } : {})

async function count(own: OwnClient, kind: AskedKind, owner: Owner | undefined): Promise<Matched> {
  try {
    const documents = own.database.collection(kind.table)
    const filter = filterFor(own, kind, owner)
    const all = await documents.countDocuments(filter)
    const isInspected = usesObjectIdTime(kind.conditions) && all <= maxInspected
    const keys = all === 0 ? [] : await keysOf(own, kind, filter, isInspected ? all : samples)
    const sample = keys.slice(0, samples).map(({ json }) => json)
    return counted(kind, isInspected ? keys.length : all, sample)
  } catch (error) {
    return notSearched(kind, kind.table, error)
  }
}

/** Beyond this number the count includes documents whose `_id` has no time, although they are not removed. */
const maxInspected = 100_000

interface Removing {
  readonly own: OwnClient
  readonly settings: Settings
  readonly softFieldsOf: SoftFieldsOf
  readonly agreed: Agreed
  readonly ctx: RemovalContext
}

async function remove(kind: AskedKind, owner: Owner | undefined, removing: Removing): Promise<Matched> {
  const { own, settings, agreed, ctx } = removing
  const limit = agreed.get(kind.type) ?? 0
  try {
    const maxKeys = usesObjectIdTime(kind.conditions) ? Number.POSITIVE_INFINITY : limit + 1
    const keys = await keysOf(own, kind, filterFor(own, kind, owner), maxKeys)
    if (keys.length > limit) return moreThanAgreed(kind, limit)
    const removalOf = ({ idType }: Key) => documentRemoval(own.driver, kind.table, idType)
    const targets = keys.map((key, i) => foundTarget(kind, i, key.json, removalOf(key)))
    const outcomes = await removeAll(own, targets, () => kind.set, settings.references ?? {}, ctx)
    return matchedOf(
      kind,
      targets.map(({ id }) => outcomes.get(id)),
    )
  } catch (error) {
    return notSearched(kind, kind.table, error)
  }
}

/** The filter of a kind: its conditions, without marked and protected documents. */
function filterFor(
  { ejson }: OwnClient,
  { table: collection, conditions, spared, set }: AskedKind,
  owner: Owner | undefined,
): Document {
  const all = [
    ...conditions.map((condition) => filterOf(condition, { collection, owner, ejson })),
    ...(set ? [unmarkedFilter(set)] : []),
    ...(spared.length > 0 ? [isNot(spared, ejson)] : []),
  ]
  return all.length === 0 ? {} : all.length === 1 ? (all[0] as Document) : { $and: all }
}

async function keysOf(
  { database }: OwnClient,
  { table, conditions }: AskedKind,
  filter: Document,
  maxKeys: number,
): Promise<readonly Key[]> {
  const limit = Number.isFinite(maxKeys) ? { limit: maxKeys } : {}
  const options = { projection: { _id: 1 }, ...limit }
  const found = await database.collection(table).find(filter, options).toArray()
  const keys = found.map(({ _id }) => keyOf(_id))
  return usesObjectIdTime(conditions) ? keys.filter(hasObjectIdTime) : keys
}
