/** Removes documents with one statement per batch; reads them first if that is cheap, or needed to check their owner. */
import { clock, type RemovalContext, type RemovalOutcome, type Target } from '@dustpan/core/driver'
import { each, failedWith, locked, marked, type Outcomes } from '@dustpan/core/rows'
import { idOf } from '../keys.ts'
import type { Document } from '../mongo.ts'
import { type Batch, idsOf, keyFilter } from './batches.ts'
import { findDocuments, nameOf } from './find-documents.ts'
import { explainAbsent } from './id-types.ts'
import { alreadyGone, failed, isHeld, isLost, noCollection, notOurs, removed } from './outcomes.ts'
import type { OwnClient } from './own-client.ts'
import { isMarked, markOf, namesKey } from './soft-delete.ts'

/**
 * A delete returns the number of deleted documents, not which. Batches up to this size are read first; larger ones are
 * read afterwards, unless all documents were deleted.
 */
const maxReadFirst = 250

/** @throws the client's error when the connection is lost */
export async function removeBatch(own: OwnClient, batch: Batch, ctx: RemovalContext): Promise<Outcomes> {
  try {
    if (batch.state === 'missing') return each(batch.targets, noCollection)
    const isMany = batch.targets.length > maxReadFirst && batch.field === '_id' && batch.set === undefined
    return await (isMany && batch.state === 'there' ? removeMany(own, batch, ctx) : readAndRemove(own, batch, ctx))
  } catch (error) {
    if (isLost(error)) throw error
    if (isHeld(error)) return each(batch.targets, locked)
    const verb = batch.set ? 'updating' : 'deleting from'
    return each(batch.targets, failed(`MongoDB answered ${verb} ${batch.collection} with an error`, error))
  }
}

/** Explains the documents that are left. Some of the others may have been gone before; it is unknown which. */
async function removeMany(own: OwnClient, batch: Batch, ctx: RemovalContext): Promise<Outcomes> {
  const { targets } = batch
  const filter = { ...keyFilter(batch, idsOf(batch, own.ejson)), ...batch.match }
  const { deletedCount } = await own.database.collection(batch.collection).deleteMany(filter)
  if (deletedCount === targets.length) return each(targets, removed)
  const left = await findDocuments(own, batch)
  const absent = targets.filter(({ key }) => !left.has(nameOf(batch, key)))
  const outcomes = await explainAbsent(own, { ...batch, targets: absent }, ctx)
  const others = absent.filter(({ id }) => outcomes.get(id) === alreadyGone)
  const outcome = mixedOutcome(deletedCount, others.length - deletedCount)
  for (const { id } of others) outcomes.set(id, outcome)
  for (const target of targets) {
    const [document] = left.get(nameOf(batch, target.key)) ?? []
    if (document) outcomes.set(target.id, whyLeft(target, document, batch))
  }
  return outcomes
}

/** All get the outcome of the majority, with both numbers. */
function mixedOutcome(count: number, missing: number): RemovalOutcome {
  if (count === 0) return alreadyGone
  if (missing === 0) return removed
  const result = `of ${count + missing} documents ${count} went, ${missing} were gone before`
  return { state: count < missing ? 'already-gone' : 'removed', result }
}

async function readAndRemove(own: OwnClient, batch: Batch, ctx: RemovalContext): Promise<Outcomes> {
  const found = await findDocuments(own, batch)
  const outcomes: Outcomes = new Map()
  const removable: Target[] = []
  const seen: Document[] = []
  const absent: Target[] = []
  for (const target of batch.targets) {
    const documents = found.get(nameOf(batch, target.key)) ?? []
    const outcome = checkTarget(target, documents, batch)
    if (outcome === 'removable') {
      removable.push(target)
      seen.push(...documents)
    } else if (outcome === 'absent') absent.push(target)
    else outcomes.set(target.id, outcome)
  }
  for (const [id, outcome] of await explainAbsent(own, { ...batch, targets: absent }, ctx)) outcomes.set(id, outcome)
  for (const [id, outcome] of await removeChecked(own, { ...batch, targets: removable }, seen))
    outcomes.set(id, outcome)
  return outcomes
}

/** Whether a target exists and may be removed. */
function checkTarget(
  target: Target,
  documents: readonly Document[],
  { collection, state, set, match = {}, field }: Batch,
): 'removable' | 'absent' | RemovalOutcome {
  const [document, another] = documents
  if (document === undefined) return 'absent'
  if (state === 'recreated') return notOurs(target, collection, 'the collection was dropped and made anew since')
  if (another !== undefined) return notOurs(target, collection, `several documents have this ${field}`)
  if (set && isMarked(document, set, target.key)) return alreadyGone
  const differs = Object.keys(match).find((name) => document[name] !== match[name])
  return differs === undefined
    ? 'removable'
    : notOurs(target, collection, `its ${differs} is no longer what was written`)
}

/**
 * The statement repeats the ownership check. By a field other than `_id` it may match more, such as lists with the
 * value, so `_id` limits it.
 */
async function removeChecked(own: OwnClient, batch: Batch, seen: readonly Document[]): Promise<Outcomes> {
  const { collection, field, match, set, targets } = batch
  if (targets.length === 0) return new Map()
  const ids = idsOf(batch, own.ejson)
  const documents = own.database.collection(collection)
  const only = field === '_id' ? {} : { _id: { $in: seen.map(({ _id }) => _id) } }
  const filter = { ...only, ...keyFilter(batch, ids), ...match }
  const done = set ? marked : removed
  const count = set ? await mark(own, batch, filter, only) : (await documents.deleteMany(filter)).deletedCount
  if (count === targets.length) return each(targets, done)
  const left = await findDocuments(own, batch)
  return new Map(
    targets.map((target) => {
      const [document] = left.get(nameOf(batch, target.key)) ?? []
      const isDone = document === undefined || (set && isMarked(document, set, target.key))
      return [target.id, isDone ? done : whyLeft(target, document, batch)]
    }),
  )
}

/** One update if all documents get the same marks. */
async function mark({ database, ejson }: OwnClient, batch: Batch, filter: Document, only: Document): Promise<number> {
  const { collection, field, match, set = {}, targets, idType } = batch
  const documents = database.collection(collection)
  const now = new Date(clock.now())
  if (!namesKey(set)) return (await documents.updateMany(filter, markOf(set, '', now))).matchedCount
  const one = ({ key }: Target) => ({
    updateOne: { filter: { ...only, [field]: idOf(key, idType, ejson), ...match }, update: markOf(set, key, now) },
  })
  return (await documents.bulkWrite(targets.map(one), { ordered: false })).matchedCount
}

function whyLeft(target: Target, document: Document, batch: Batch): RemovalOutcome {
  const outcome = checkTarget(target, [document], batch)
  if (typeof outcome === 'object') return outcome
  const message = `The document ${JSON.stringify(target.key)} in ${batch.collection} is still there after its removal`
  return failedWith('DUSTPAN_STILL_THERE', message, { passing: true, hint: 'Something may have written it again' })
}
