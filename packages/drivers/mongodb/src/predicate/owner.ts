import type { OwnerColumn } from '@dustpan/core/driver'
import { severalOwners, unknownOwner } from '@dustpan/core/rows'
import { keyOf } from '../keys.ts'
import type { Document } from '../mongo.ts'
import type { Settings } from '../options.ts'
import { spellings } from '../removal/id-types.ts'
import type { OwnClient } from '../removal/own-client.ts'
import { at } from '../removal/soft-delete.ts'

/** An existing owner, whose documents a predicate selects. */
export interface Owner {
  readonly collection: string
  readonly id: unknown
  /** Its type in the result. */
  readonly type: string
  /** The values of a field that refers to it. */
  valuesFor(column: OwnerColumn): readonly unknown[]
}

/** @throws DustpanError `DUSTPAN_UNKNOWN_OWNER` */
export async function findOwner(
  { database, ejson }: OwnClient,
  { owners }: Settings,
  given: string | number | undefined,
): Promise<Owner | undefined> {
  if (!owners || given === undefined) return undefined
  const { table, key = '_id', type = table } = owners
  const filter = { [key]: { $in: [given, ...spellings(given, undefined, ejson)] } }
  const [found, another] = await database.collection(table).find(filter, { limit: 2 }).toArray()
  if (another) throw severalOwners(table, key, given, 'documents')
  if (!found) throw unknownOwner(table, key, given, 'document')
  const valuesFor = ({ is, lowerCase }: OwnerColumn) => {
    const values = is === undefined ? idsOf(found, key) : [at(found, is)]
    const owned = values.filter((value) => value !== undefined && value !== null && value !== '')
    return lowerCase ? owned.map((value) => String(value).toLowerCase()) : owned
  }
  return { collection: table, id: found._id, type, valuesFor }
}

/** Other documents may refer to an ObjectId by its string. */
function idsOf(owner: Document, key: string): readonly unknown[] {
  const value = at(owner, key)
  const { json, idType } = keyOf(value)
  return idType === 'objectId' ? [value, json] : [value]
}
