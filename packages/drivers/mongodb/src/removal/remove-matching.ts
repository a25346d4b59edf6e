/** Removes or updates documents by the user's own filter. */
import { fillJson, type Json, type RemovalContext, type RemovalOutcome, type Target } from '@dustpan/core/driver'
import { failedWith, locked, marked } from '@dustpan/core/rows'
import { typeName } from '../keys.ts'
import type { Document, Ejson } from '../mongo.ts'
import { spellings } from './id-types.ts'
import { alreadyGone, failed, isHeld, isLost } from './outcomes.ts'
import type { OwnClient } from './own-client.ts'
import { type FilterArgs, filterArgs } from './spec.ts'

export async function removeMatching(own: OwnClient, target: Target, ctx: RemovalContext): Promise<RemovalOutcome> {
  const args = filterArgs(target.removal) as FilterArgs
  const { collection, update } = args
  try {
    const documents = own.database.collection(collection)
    const filter = filterFor(args, target.key, own.ejson)
    const count = update
      ? (await documents.updateMany(filter, valueFor(update, target.key, own.ejson) as Document)).matchedCount
      : (await documents.deleteMany(filter)).deletedCount
    if (count === 0) return (await typeDiffers(own, args, target, ctx)) ?? alreadyGone
    return update ? marked : { state: 'removed', result: count === 1 ? '1 document' : `${count} documents` }
  } catch (error) {
    if (isLost(error)) throw error
    return isHeld(error) ? locked : failed(`MongoDB answered the filter on ${collection} with an error`, error)
  }
}

/** The number of documents that the filter matches now. */
export async function countMatching({ database, ejson }: OwnClient, { removal, key }: Target): Promise<number> {
  const args = filterArgs(removal) as FilterArgs
  return await database.collection(args.collection).countDocuments(filterFor(args, key, ejson))
}

const filterFor = ({ filter }: FilterArgs, key: Json, ejson: Ejson): Document =>
  valueFor(filter, key, ejson) as Document

function valueFor(template: Json, key: Json, ejson: Ejson): unknown {
  return ejson.deserialize(filled(template, key), { relaxed: false })
}

/** `{id}` is the key, `{id.0}` a part of it. */
function filled(template: Json, key: Json): Json {
  return fillJson(template, (name) => {
    if (name === 'id') return key
    const part = /^id\.(\d+)$/.exec(name)?.[1]
    return part === undefined ? undefined : ([key].flat() as readonly Json[])[Number(part)]
  })
}

/** Checks whether the filter would match with the key in another type. */
async function typeDiffers(
  { database, ejson }: OwnClient,
  { collection, filter }: FilterArgs,
  { key }: Target,
  { warn }: RemovalContext,
): Promise<RemovalOutcome | undefined> {
  const isObjectId = JSON.stringify(filter).includes('{"$oid":"{id}"}')
  for (const value of spellings(key, isObjectId ? 'objectId' : undefined, ejson)) {
    const other = ejson.deserialize(withValue(filter, value, ejson), { relaxed: false }) as Document
    if ((await database.collection(collection).countDocuments(other)) === 0) continue
    const [given, stored] = [isObjectId ? 'ObjectId' : typeName(key), typeName(value)]
    const message = `The filter ${JSON.stringify(filter)} on ${collection} finds nothing for the key ${JSON.stringify(key)} as ${given}, and would as ${stored}: that was left`
    const hint =
      stored === 'ObjectId' ? "Write { $oid: '{id}' } in place of '{id}'" : "Write '{id}' for a key of that type"
    const all = `Keys for a filter on ${collection} were given as ${given}, and documents have them as ${stored}: these were left. ${hint}.`
    warn?.('DUSTPAN_KEY_TYPE_DIFFERS', all)
    return failedWith('DUSTPAN_KEY_TYPE_DIFFERS', message, { hint })
  }
  return undefined
}

function withValue(filter: Json, value: unknown, ejson: Ejson): Json {
  const json = ejson.serialize({ value }, { relaxed: false }) as { readonly value: Json }
  const plain = JSON.parse(JSON.stringify(filter).replaceAll('{"$oid":"{id}"}', '"{id}"')) as Json
  return fillJson(plain, (name) => (name === 'id' ? json.value : undefined))
}
