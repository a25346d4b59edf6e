/**
 * Finds documents of inserts without a reply, by the run's mark in them. The server does not say whether an insert is
 * still running.
 */
import {
  type CreatedSet,
  isDustpanError,
  mostFound,
  type ResolveRequest,
  type StoreConnection,
} from '@dustpan/core/driver'
import { keyOf } from '../keys.ts'
import { unmarkedFilter } from '../predicate/filter.ts'
import { collectionNames } from '../predicate/kinds.ts'
import type { SoftFieldsOf } from './batches.ts'
import type { OwnClient } from './own-client.ts'
import { documentRemoval } from './spec.ts'

export function resolveByMark(own: OwnClient, softFieldsOf: SoftFieldsOf): Required<Pick<StoreConnection, 'resolve'>> {
  return {
    async resolve(request) {
      const names = await collectionNames(own)
      const types = new Set(request.intents.map(({ type }) => type))
      const found = new Map<string, readonly CreatedSet[]>()
      for (const name of names.filter((one) => types.has(one))) {
        const sets = await documentsOf(own, name, softFieldsOf, request)
        if (sets) found.set(name, sets)
      }
      return { ends: new Map(), found }
    },
  }
}

/** Undefined: unknown. */
async function documentsOf(
  { database }: OwnClient,
  collection: string,
  softFieldsOf: SoftFieldsOf,
  { run, columns, isKnown }: ResolveRequest,
): Promise<readonly CreatedSet[] | undefined> {
  const field = columns.run
  try {
    const set = softFieldsOf(collection)
    const filter = { [field]: run, ...(set ? unmarkedFilter(set) : {}) }
    const options = { projection: { _id: 1, [field]: 1 }, limit: mostFound + 1 }
    const documents = await database.collection(collection).find(filter, options).toArray()
    if (documents.length > mostFound) return undefined
    // The filter also matches a list that contains the run's id.
    const keys = documents.filter((document) => document[field] === run).map(({ _id }) => keyOf(_id))
    const unknown = keys.filter(
      ({ json, idType }) => !isKnown(collection, json, documentRemoval('$driver', collection, idType)),
    )
    return [...Map.groupBy(unknown, ({ idType }) => idType)].map(([idType, group]) => ({
      type: collection,
      keys: group.map(({ json }) => json),
      steps: [documentRemoval('$driver', collection, idType)],
      proof: { match: { [field]: run }, strength: 'exact' },
    }))
  } catch (error) {
    if (isDustpanError(error)) return undefined
    throw error
  }
}
