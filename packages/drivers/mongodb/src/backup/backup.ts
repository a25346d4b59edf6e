/** Backs up documents before their removal, and restores them. */
import {
  type BackedUp,
  DustpanError,
  type Json,
  messageOf,
  type ResourceId,
  type RestoreOutcome,
  type Target,
} from '@dustpan/core/driver'
import type { Document } from '../mongo.ts'
import { type Batch, batchesOf, type SoftFieldsOf } from '../removal/batches.ts'
import { readCollections } from '../removal/collections.ts'
import { findDocuments, nameOf } from '../removal/find-documents.ts'
import type { OwnClient } from '../removal/own-client.ts'
import { at, isMarked } from '../removal/soft-delete.ts'
import { collectionOf } from '../removal/spec.ts'

interface Backup {
  readonly fields: { readonly [field: string]: Json }
}

/**
 * Leaves out documents that are removed by the user's own filter, and documents that are marked as deleted: an earlier
 * attempt to remove them may have done that, and they must not be restored with the mark.
 */
export async function backUp(
  own: OwnClient,
  targets: readonly Target[],
  softFieldsOf: SoftFieldsOf,
): Promise<Map<ResourceId, Json>> {
  const backups = new Map<ResourceId, Json>()
  for (const batch of batchesOf(targets, await readCollections(own), softFieldsOf)) {
    if (batch.state !== 'there') continue
    const found = await findDocuments(own, batch, true)
    for (const { id, key } of batch.targets) {
      const [document, another] = found.get(nameOf(batch, key)) ?? []
      if (!document || another || (batch.set && isMarked(document, batch.set, key))) continue
      backups.set(id, { fields: own.ejson.serialize(document, { relaxed: false }) as Json })
    }
  }
  return backups
}

export async function putBack(
  own: OwnClient,
  backups: readonly BackedUp[],
  softFieldsOf: SoftFieldsOf,
): Promise<Map<ResourceId, RestoreOutcome>> {
  const outcomes = new Map<ResourceId, RestoreOutcome>()
  const batches = batchesOf(
    backups.map(({ target }) => target),
    await readCollections(own),
    softFieldsOf,
  )
  const batchOf = new Map(batches.flatMap((batch) => batch.targets.map(({ id }) => [id, batch] as const)))
  for (const backedUp of backups)
    outcomes.set(backedUp.target.id, await putBackOne(own, backedUp, batchOf.get(backedUp.target.id)))
  return outcomes
}

async function putBackOne(
  own: OwnClient,
  { target, backup }: BackedUp,
  batch: Batch | undefined,
): Promise<RestoreOutcome> {
  const collection = batch?.state === 'there' ? batch.collection : collectionOf(target.removal)
  const document = own.ejson.deserialize((backup as unknown as Backup).fields, { relaxed: false }) as Document
  try {
    if (document._id === undefined) throw new Error('its _id was left out of the backup')
    if (batch?.set && (await unmark(own, batch, target, document))) return restored
    await own.database.collection(collection).insertMany([document])
    return restored
  } catch (cause) {
    const reason = isTaken(cause) ? 'another document has its key or a unique value of it now' : messageOf(cause)
    const message = `The document ${JSON.stringify(target.key)} of ${collection} could not be brought back: ${reason}`
    return { state: 'failed', error: new DustpanError('DUSTPAN_RESTORE_FAILED', message, { cause }) }
  }
}

const restored: RestoreOutcome = { state: 'restored', result: '1 document' }

/** Restores the fields of a document that was only marked as deleted, unless it has changed since. */
async function unmark(own: OwnClient, batch: Batch, target: Target, before: Document): Promise<boolean> {
  const set = batch.set ?? {}
  const found = await findDocuments(own, { ...batch, targets: [target] }, true)
  const [document] = found.get(nameOf(batch, target.key)) ?? []
  if (!document || !isMarked(document, set, target.key)) return false
  const fields = Object.keys(set)
  const had = fields.filter((field) => at(before, field) !== undefined)
  const $set = Object.fromEntries(had.map((field) => [field, at(before, field)]))
  const $unset = Object.fromEntries(fields.filter((field) => !had.includes(field)).map((field) => [field, '']))
  const update = { ...(had.length > 0 ? { $set } : {}), ...(had.length < fields.length ? { $unset } : {}) }
  await own.database.collection(batch.collection).updateMany({ _id: document._id }, update)
  return true
}

function isTaken(error: unknown): boolean {
  return (error as { readonly code?: unknown } | null)?.code === 11_000
}
