/** Groups targets into batches that one statement can handle. */
import type { Json, Target } from '@dustpan/core/driver'
import { type IdType, idOf } from '../keys.ts'
import type { Document, Ejson } from '../mongo.ts'
import type { SoftDeleteFields } from '../options.ts'
import { type Collections, type Place, placeOf } from './collections.ts'
import { documentArgs } from './spec.ts'

export interface Batch extends Place {
  readonly field: string
  readonly idType: IdType
  /** Fields with the values that they must still have. */
  readonly match: { readonly [field: string]: Json } | undefined
  /** Fields to set instead of deleting the document. */
  readonly set: SoftDeleteFields | undefined
  readonly targets: readonly Target[]
}

/**
 * The fields that mark a collection's documents as deleted; undefined: they are deleted.
 * @throws DustpanError if they may not be deleted and no fields are configured.
 */
export type SoftFieldsOf = (collection: string) => SoftDeleteFields | undefined

/** Batches of the removals by key; others are left out. */
export function batchesOf(
  targets: readonly Target[],
  collections: Collections,
  softFieldsOf: SoftFieldsOf,
): readonly Batch[] {
  const batches = new Map<string, Batch & { targets: Target[] }>()
  for (const target of targets) {
    const args = documentArgs(target.removal)
    if (!args) continue
    const place = placeOf(target, collections)
    const { match } = target.proof
    const key = JSON.stringify([place, args.collection, args.idType, args.key, match])
    const batch = batches.get(key)
    if (batch) batch.targets.push(target)
    else {
      const set = softFieldsOf(args.collection)
      batches.set(key, { ...place, field: args.key ?? '_id', idType: args.idType, match, set, targets: [target] })
    }
  }
  return [...batches.values()].flatMap(splitLarge)
}

/** Characters per statement, which must not exceed the size limit of a document (16 MB). */
const maxSize = 4_000_000

function splitLarge(batch: Batch): readonly Batch[] {
  const parts: Target[][] = [[]]
  let size = 0
  for (const target of batch.targets) {
    size += typeof target.key === 'number' ? 16 : JSON.stringify(target.key).length + 16
    if (size > maxSize) {
      parts.push([])
      size = 0
    }
    parts.at(-1)?.push(target)
  }
  return parts.length === 1 ? [batch] : parts.map((targets) => ({ ...batch, targets }))
}

export function idsOf({ targets, idType }: Batch, ejson: Ejson): readonly unknown[] {
  return targets.map(({ key }) => idOf(key, idType, ejson))
}

/** A filter for the batch's documents, whether or not they are still the test's. */
export function keyFilter({ field }: Batch, ids: readonly unknown[]): Document {
  return { [field]: ids.length === 1 ? ids[0] : { $in: ids } }
}
