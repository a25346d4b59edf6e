/** Finds documents that refer to others, by the option `references`: MongoDB has no foreign keys. */
import type { Dependent, Relations, ResourceId, Target } from '@dustpan/core/driver'
import { keyOf, textOf } from '../keys.ts'
import type { Document } from '../mongo.ts'
import type { Settings } from '../options.ts'
import { type Batch, batchesOf, idsOf } from './batches.ts'
import { cameAfter } from './came-after.ts'
import { readCollections } from './collections.ts'
import { nameOf } from './find-documents.ts'
import type { OwnClient } from './own-client.ts'
import { at } from './soft-delete.ts'
import { collectionOf, documentRemoval } from './spec.ts'

export type References = NonNullable<Settings['references']>

interface Reference {
  readonly child: string
  readonly field: string
  readonly parent: string
}

export function referencesTo(references: References, parent: string): readonly Reference[] {
  return Object.entries(references).flatMap(([child, fields]) =>
    Object.entries(fields).flatMap(([field, to]) => (to === parent ? [{ child, field, parent }] : [])),
  )
}

export interface Referring {
  /** The text of the key that it refers to. */
  readonly of: string
  readonly child: string
  readonly document: Document
  /** Whether any of its fields refers to a document that is not the test's. */
  readonly namesOthers: boolean
}

/** Documents that refer to a batch's documents. */
export async function referring(
  { database, ejson }: OwnClient,
  batch: Batch,
  references: References,
  isOurs: IsOurs = () => false,
): Promise<readonly Referring[]> {
  if (batch.field !== '_id' || batch.targets.length === 0) return []
  const ids = idsOf(batch, ejson)
  const wanted = new Set(batch.targets.map(({ key }) => nameOf(batch, key)))
  const found = referencesTo(references, batch.collection).map(async ({ child, field }) => {
    const fields = Object.entries(references[child] ?? {})
    const documents = await childrenOf(
      database,
      child,
      field,
      ids,
      Object.fromEntries(fields.map(([name]) => [name, 1])),
    )
    return documents.flatMap((document) => {
      const namesOthers = fields.some(([name, to]) => namesIn(document, name).some((one) => !isOurs(to, one)))
      return namesIn(document, field)
        .filter((name) => wanted.has(name) && !(child === batch.collection && textOf(keyOf(document._id)) === name))
        .map((of) => ({ of, child, document, namesOthers }))
    })
  })
  return (await Promise.all(found)).flat()
}

/** Whether the collection's document with this key text is the test's. */
type IsOurs = (collection: string, name: string) => boolean

/** The key texts in a field. */
function namesIn(document: Document, field: string): readonly string[] {
  const values = valuesAt(document, field).filter((value) => value !== undefined && value !== null)
  return values.map((value) => textOf(keyOf(value)))
}

/** Documents per query. */
const pageSize = 10_000

/** Returns at least some documents for each id, however many refer to one of them. */
async function childrenOf(
  database: OwnClient['database'],
  child: string,
  field: string,
  ids: readonly unknown[],
  fields: Document,
  limit = pageSize,
): Promise<readonly Document[]> {
  const options = { projection: { _id: 1, ...fields }, limit }
  const found = await database
    .collection(child)
    .find({ [field]: { $in: ids } }, options)
    .toArray()
  if (found.length < pageSize || limit === 0) return found
  const named = new Set(
    found.flatMap((document) => {
      const ownKey = textOf(keyOf(document._id))
      return valuesAt(document, field).flatMap((value) => (textOf(keyOf(value)) === ownKey ? [] : textOf(keyOf(value))))
    }),
  )
  const others = ids.filter((id) => !named.has(textOf(keyOf(id))))
  if (others.length === 0) return found
  const next = others.length === ids.length ? 0 : pageSize
  return [...found, ...(await childrenOf(database, child, field, others, fields, next))]
}

/** Relates the targets, children first; with their dependents and, if possible, the proof that those were created later. */
export async function relate(
  own: OwnClient,
  targets: readonly Target[],
  references: References,
  withDependents: boolean,
): Promise<Relations> {
  const group = new Map<ResourceId, string>(targets.map((target) => [target.id, collectionOf(target.removal)]))
  const names = new Set(group.values())
  const edges = [...names].flatMap((parent) =>
    referencesTo(references, parent).flatMap(({ child }) =>
      names.has(child) && child !== parent ? [[child, parent] as const] : [],
    ),
  )
  return { group, edges, dependents: withDependents ? await dependentsOf(own, targets, references) : [] }
}

async function dependentsOf(own: OwnClient, targets: readonly Target[], references: References): Promise<Dependent[]> {
  const all: Dependent[] = []
  const batches = batchesOf(targets, await readCollections(own), () => undefined)
  const ours = new Set(batches.flatMap((one) => one.targets.map(({ key }) => `${one.collection}\n${nameOf(one, key)}`)))
  const isOurs: IsOurs = (collection, name) => ours.has(`${collection}\n${name}`)
  for (const batch of batches) {
    const byName = new Map(batch.targets.map((target) => [nameOf(batch, target.key), target]))
    for (const found of await referring(own, batch, references, isOurs)) {
      const parent = byName.get(found.of)
      if (parent) all.push(dependent(parent, batch, found))
    }
  }
  return all
}

/** A document that also refers to other people's documents is not proven to be the test's. */
function dependent(parent: Target, { idType }: Batch, { child, document, namesOthers }: Referring): Dependent {
  const key = keyOf(document._id)
  const found = { of: parent.id, type: child, key: key.json, rule: 'restrict' } as const
  const isProven = idType === 'objectId' && key.idType === 'objectId' && cameAfter(key.json, parent)
  if (!isProven || namesOthers) return { ...found, provenance: 'unproven' }
  const removal = documentRemoval(parent.removal.driver, child, key.idType)
  return { ...found, provenance: 'after-parent', removal, proof: { strength: 'key-only' } }
}

function valuesAt(document: Document, path: string): readonly unknown[] {
  const [name = '', ...rest] = path.split('.')
  const value = at(document, name)
  const values = Array.isArray(value) ? value : [value]
  return rest.length === 0 ? values : values.flatMap((one) => valuesAt((one ?? {}) as Document, rest.join('.')))
}
