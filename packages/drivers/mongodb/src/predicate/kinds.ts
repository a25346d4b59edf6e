/** Which collections a predicate selects, with the conditions for the documents of each. */
import type { Selection } from '@dustpan/core/driver'
import {
  type AskedKind as AskedKindOf,
  askedKinds,
  isMigrationTable,
  kindsNamed,
  kindToReset,
  type UnfitKind,
} from '@dustpan/core/rows'
import type { Settings, SoftDeleteFields } from '../options.ts'
import type { SoftFieldsOf } from '../removal/batches.ts'
import type { OwnClient } from '../removal/own-client.ts'

/** `table` is the name of the collection. */
export type AskedKind = AskedKindOf<string, SoftDeleteFields>

/** All collections, without views and the server's own. */
export async function collectionNames({ database }: OwnClient): Promise<readonly string[]> {
  const found = await database.listCollections({}, { nameOnly: false }).toArray()
  return found
    .filter(({ name, type }) => !String(name).startsWith('system.') && type !== 'view')
    .map(({ name }) => String(name))
    .sort()
}

export async function kindsAsked(
  own: OwnClient,
  names: readonly string[],
  { kinds = {}, ignoreCollections = [] }: Settings,
  selection: Selection,
  softFieldsOf: SoftFieldsOf,
): Promise<readonly (AskedKind | UnfitKind)[]> {
  const { predicate, metadata } = selection
  if (predicate.reset)
    return names.flatMap((name) => (ignoreCollections.includes(name) ? [] : (reset(name, kinds, selection) ?? [])))
  const marked = await collectionsWith(own, names, metadata?.run)
  const timed = await collectionsWith(own, names, metadata?.createdAt)
  const has = (collection: string) => (field: string) => {
    if (field === metadata?.run) return marked.includes(collection)
    return field === metadata?.createdAt ? timed.includes(collection) : true
  }
  return askedKinds(kindsNamed(kinds, predicate, marked, same), selection, {
    called: 'collection',
    tableOf: (name) => (names.includes(name) ? name : undefined),
    factsOf: (name) => ({ name, hasKey: true, stamp: '_id', has: has(name) }),
    setFor: softFieldsOf,
  })
}

const same = (a: string, b: string): boolean => a === b

function reset(name: string, kinds: NonNullable<Settings['kinds']>, selection: Selection): AskedKind | undefined {
  const kind = kindToReset(name, isMigrationTable(name), kinds, selection, same)
  return kind && { ...kind, table: name }
}

/** Collections with a document that has the field, since there is no schema. */
async function collectionsWith(
  { database }: OwnClient,
  names: readonly string[],
  field: string | undefined,
): Promise<readonly string[]> {
  if (field === undefined) return []
  const options = { projection: { _id: 1 }, limit: 1 }
  const queries = names.map((name) =>
    database
      .collection(name)
      .find({ [field]: { $exists: true } }, options)
      .toArray(),
  )
  const found = await Promise.all(queries)
  return names.filter((_, i) => (found[i]?.length ?? 0) > 0)
}
