/** Targets that one statement can take. */
import type { Json, Target } from '@dustpan/core/driver'
import { type IdType, idOf } from '../keys.ts'
import type { Document, Ejson } from '../mongo.ts'
import type { SoftDeleteFields } from '../options.ts'
import { type Collections, type Place, placeOf } from './collections.ts'
import { documentArgs } from './spec.ts'

export interface Batch extends Place {
  readonly field: string
  readonly idType: IdType
  /** Fields and the values that they must still have. */
  readonly match: { readonly [field: string]: Json } | undefined
  /** Fields to set instead of deleting the document. */
  readonly set: SoftDeleteFields | undefined
  readonly targets: readonly Target[]
}

/** The fields that mark a document as deleted; undefined: it is deleted. @throws DustpanError where it may not be, and nothing says how it is marked. */
export type SoftlyIn = (collection: string) => SoftDeleteFields | undefined

/** Only of removals by key. */
export function batchesOf(targets: readonly Target[], collections: Collections, softly: SoftlyIn): readonly Batch[] {
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
      const set = softly(args.collection)
      batches.set(key, { ...place, field: args.key ?? '_id', idType: args.idType, match, set, targets: [target] })
    }
  }
  return [...batches.values()].flatMap(inParts)
}

/** A statement must not be larger than a document may be: 16 MB. */
const largest = 4_000_000

function inParts(batch: Batch): readonly Batch[] {
  const parts: Target[][] = [[]]
  let size = 0
  for (const target of batch.targets) {
    size += typeof target.key === 'number' ? 16 : JSON.stringify(target.key).length + 16
    if (size > largest) {
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

/** The batch's documents, whether they are still ours or not. */
export function among({ field }: Batch, ids: readonly unknown[]): Document {
  return { [field]: ids.length === 1 ? ids[0] : { $in: ids } }
}
