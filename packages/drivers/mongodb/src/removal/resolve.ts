/** What came of inserts that were never answered, by the run's mark in the documents. No server says who is still at it. */
import {
  type CreatedSet,
  isDustpanError,
  mostFound,
  type ResolveRequest,
  type StoreConnection,
} from '@dustpan/core/driver'
import { keyOf } from '../keys.ts'
import { isUnmarked } from '../predicate/filter.ts'
import { collectionNames } from '../predicate/kinds.ts'
import type { SoftlyIn } from './batches.ts'
import type { OwnClient } from './own-client.ts'
import { documentRemoval } from './spec.ts'

export function resolving(own: OwnClient, softly: SoftlyIn): Required<Pick<StoreConnection, 'resolve'>> {
  return {
    async resolve(request) {
      const names = await collectionNames(own)
      const types = new Set(request.intents.map(({ type }) => type))
      const found = new Map<string, readonly CreatedSet[]>()
      for (const name of names.filter((one) => types.has(one))) {
        const sets = await documentsOf(own, name, softly, request)
        if (sets) found.set(name, sets)
      }
      return { ends: new Map(), found }
    },
  }
}

/** Undefined: nobody can tell. */
async function documentsOf(
  { database }: OwnClient,
  collection: string,
  softly: SoftlyIn,
  { run, columns, isKnown }: ResolveRequest,
): Promise<readonly CreatedSet[] | undefined> {
  const field = columns.run
  try {
    const set = softly(collection)
    const filter = { [field]: run, ...(set ? isUnmarked(set) : {}) }
    const options = { projection: { _id: 1, [field]: 1 }, limit: mostFound + 1 }
    const documents = await database.collection(collection).find(filter, options).toArray()
    if (documents.length > mostFound) return undefined
    // A list that has the run's id in it passes the filter, too.
    const keys = documents.filter((document) => document[field] === run).map(({ _id }) => keyOf(_id))
    const unknown = keys.filter(
      ({ json, idType }) => !isKnown(collection, json, documentRemoval('$driver', collection, idType)),
    )
    return [...Map.groupBy(unknown, ({ idType }) => idType)].map(([idType, its]) => ({
      type: collection,
      keys: its.map(({ json }) => json),
      steps: [documentRemoval('$driver', collection, idType)],
      proof: { match: { [field]: run }, strength: 'exact' },
    }))
  } catch (error) {
    if (isDustpanError(error)) return undefined
    throw error
  }
}
