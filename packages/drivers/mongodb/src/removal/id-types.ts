/** Explains a key that matches nothing because the documents have it in another type. */
import type { Json, RemovalContext, RemovalOutcome, Target } from '@dustpan/core/driver'
import { each, failedWith, type Outcomes } from '@dustpan/core/rows'
import { typeName } from '../keys.ts'
import type { Ejson } from '../mongo.ts'
import type { Batch } from './batches.ts'
import { alreadyGone } from './outcomes.ts'
import type { OwnClient } from './own-client.ts'

/** Only keys that were tracked by hand can have another type than the documents'. */
export async function explainAbsent(own: OwnClient, batch: Batch, ctx: RemovalContext): Promise<Outcomes> {
  const { targets, collection, field, idType } = batch
  const doubtful = targets.filter(({ proof }) => proof.incarnation === undefined && proof.match === undefined)
  const others = doubtful.flatMap((target) =>
    spellings(target.key, idType, own.ejson).map((value) => ({ target, value })),
  )
  if (others.length === 0) return each(targets, alreadyGone)
  const filter = { [field]: { $in: others.map(({ value }) => value) } }
  const found = await own.database
    .collection(collection)
    .find(filter, { projection: { [field]: 1 } })
    .toArray()
  const there = new Set(found.map((document) => String(document[field])))
  const outcomes = each(targets, alreadyGone)
  for (const { target, value } of others)
    if (there.has(String(value))) outcomes.set(target.id, typeDiffers(target, collection, field, idType, value, ctx))
  return outcomes
}

/** The key as values of other types. */
export function spellings(key: Json, idType: Batch['idType'], ejson: Ejson): readonly unknown[] {
  if (idType === 'objectId') return [key]
  if (typeof key === 'number') return [String(key)]
  if (typeof key !== 'string') return []
  const wanted: Json[] = []
  if (/^[\da-f]{24}$/i.test(key)) wanted.push({ $oid: key.toLowerCase() })
  if (/^-?\d{1,15}$/.test(key)) wanted.push(Number(key))
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(key)) wanted.push({ $uuid: key })
  return wanted.map((value) => ejson.deserialize(value, { relaxed: true }))
}

function typeDiffers(
  { key }: Target,
  collection: string,
  field: string,
  idType: Batch['idType'],
  value: unknown,
  { warn }: RemovalContext,
): RemovalOutcome {
  const [given, stored] = [idType === 'objectId' ? 'ObjectId' : typeName(key), typeName(value)]
  const message = `Nothing in ${collection} has the ${field} ${JSON.stringify(key)} as ${given}, and a document has it as ${stored}: it was left`
  const hint = stored === 'ObjectId' ? "Add idType: 'objectId' to its removal" : `Give the key as ${stored}`
  const all = `Keys of ${collection} were given as ${given}, and documents have them as ${stored}: these were left. ${hint}.`
  warn?.('DUSTPAN_KEY_TYPE_DIFFERS', all)
  return failedWith('DUSTPAN_KEY_TYPE_DIFFERS', message, { hint })
}
