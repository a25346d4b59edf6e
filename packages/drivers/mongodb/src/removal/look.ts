/** Which of a batch's documents are there, by the text of their keys. */
import { keyOf, textOf } from '../keys.ts'
import type { Document } from '../mongo.ts'
import { among, type Batch, idsOf } from './batches.ts'
import type { OwnClient } from './own-client.ts'
import { at } from './soft-delete.ts'

/** Several where more than one goes by the same key. */
export type Found = ReadonlyMap<string, readonly Document[]>

/** With the fields that ownership and marks are told by; `whole`: with all of them. */
export async function lookFor({ database, ejson }: OwnClient, batch: Batch, whole = false): Promise<Found> {
  const { collection, field, match = {}, set = {} } = batch
  const fields = [field, '_id', ...Object.keys(match), ...Object.keys(set)]
  const projection = whole ? undefined : Object.fromEntries([...new Set(fields)].map((name) => [name, 1]))
  const ids = idsOf(batch, ejson)
  const options = { batchSize: Math.max(ids.length, 2), ...(projection ? { projection } : asStored) }
  const documents = await database.collection(collection).find(among(batch, ids), options).toArray()
  return Map.groupBy(documents, (document) => textOf(keyOf(at(document, field))))
}

/** No number becomes one of another type, no pattern loses its flags. */
const asStored = { promoteValues: false, bsonRegExp: true }

/** As {@link lookFor} names a target's document. */
export function nameOf({ idType }: Batch, key: Parameters<typeof textOf>[0]['json']): string {
  return textOf({ json: key, idType })
}
