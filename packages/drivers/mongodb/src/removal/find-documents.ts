/** Reads the documents of a batch, by the text of their keys. */
import { keyOf, textOf } from '../keys.ts'
import type { Document } from '../mongo.ts'
import { type Batch, idsOf, keyFilter } from './batches.ts'
import type { OwnClient } from './own-client.ts'
import { at } from './soft-delete.ts'

/** More than one document may have the same key. */
export type Found = ReadonlyMap<string, readonly Document[]>

/** Reads the fields that prove ownership or mark a deletion; `whole`: all fields. */
export async function findDocuments({ database, ejson }: OwnClient, batch: Batch, whole = false): Promise<Found> {
  const { collection, field, match = {}, set = {} } = batch
  const fields = [field, '_id', ...Object.keys(match), ...Object.keys(set)]
  const projection = whole ? undefined : Object.fromEntries([...new Set(fields)].map((name) => [name, 1]))
  const ids = idsOf(batch, ejson)
  const options = { batchSize: Math.max(ids.length, 2), ...(projection ? { projection } : asStored) }
  const documents = await database.collection(collection).find(keyFilter(batch, ids), options).toArray()
  return Map.groupBy(documents, (document) => textOf(keyOf(at(document, field))))
}

/** Keeps number types, and the flags of patterns. */
const asStored = { promoteValues: false, bsonRegExp: true }

/** The text under which {@link findDocuments} returns the document of a key. */
export function nameOf({ idType }: Batch, key: Parameters<typeof textOf>[0]['json']): string {
  return textOf({ json: key, idType })
}
