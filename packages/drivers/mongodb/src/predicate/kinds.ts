/** Which collections a predicate means, and what a document of each must pass. */
import {
  type AskedKind as AskedKindOf,
  askedKinds,
  isMigrationTable,
  kindsNamed,
  kindToReset,
  type Selection,
  type UnfitKind,
} from '@dustpan/core/driver'
import type { Settings, SoftDeleteFields } from '../options.ts'
import type { SoftlyIn } from '../removal/batches.ts'
import type { OwnClient } from '../removal/own-client.ts'

/** `table` is the name of the collection. */
export type AskedKind = AskedKindOf<string, SoftDeleteFields>

/** Collections of documents, without the server's own. */
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
  softly: SoftlyIn,
): Promise<readonly (AskedKind | UnfitKind)[]> {
  const { predicate, metadata } = selection
  if (predicate.reset)
    return names.flatMap((name) => (ignoreCollections.includes(name) ? [] : (reset(name, kinds, selection) ?? [])))
  const marked = await having(own, names, metadata?.run)
  const timed = await having(own, names, metadata?.createdAt)
  const has = (collection: string) => (field: string) => {
    if (field === metadata?.run) return marked.includes(collection)
    return field === metadata?.createdAt ? timed.includes(collection) : true
  }
  return askedKinds(kindsNamed(kinds, predicate, marked, same), selection, {
    called: 'collection',
    tableOf: (name) => (names.includes(name) ? name : undefined),
    factsOf: (name) => ({ name, hasKey: true, stamp: '_id', has: has(name) }),
    setFor: softly,
  })
}

const same = (a: string, b: string): boolean => a === b

function reset(name: string, kinds: NonNullable<Settings['kinds']>, selection: Selection): AskedKind | undefined {
  const kind = kindToReset(name, isMigrationTable(name), kinds, selection, same)
  return kind && { ...kind, table: name }
}

/** Collections in which some document has a field: there is no schema to tell. */
async function having(
  { database }: OwnClient,
  names: readonly string[],
  field: string | undefined,
): Promise<readonly string[]> {
  if (field === undefined) return []
  const options = { projection: { _id: 1 }, limit: 1 }
  const looks = names.map((name) =>
    database
      .collection(name)
      .find({ [field]: { $exists: true } }, options)
      .toArray(),
  )
  const found = await Promise.all(looks)
  return names.filter((_, i) => (found[i]?.length ?? 0) > 0)
}
