import type { Json, Removal } from '@dustpan/core/driver'
import type { SoftDeleteFields } from '../options.ts'
import { documentArgs, filterArgs } from './spec.ts'

/** The removal as one line for reports, in the shell's syntax: `users.deleteOne({ _id: ObjectId("…") })`. */
export function describe(
  removal: Removal,
  key: Json,
  softFieldsOf: (collection: string) => SoftDeleteFields | undefined,
): string {
  const matching = filterArgs(removal)
  if (matching) {
    const { collection, filter, update } = matching
    const verb = update ? `updateMany(${JSON.stringify(filter)}, …)` : `deleteMany(${JSON.stringify(filter)})`
    return `${collection}.${verb}`
  }
  const { collection, idType, key: field = '_id' } = documentArgs(removal) ?? { collection: removal.op }
  const value = idType === 'objectId' ? `ObjectId(${JSON.stringify(key)})` : JSON.stringify(key)
  const set = softFieldsOf(collection)
  const fields = set && Object.keys(set).join(', ')
  return set
    ? `${collection}.updateOne({ ${field}: ${value} }, { $set: ${fields} })`
    : `${collection}.deleteOne({ ${field}: ${value} })`
}
