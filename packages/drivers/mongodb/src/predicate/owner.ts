import { type OwnerColumn, severalOwners, unknownOwner } from '@dustpan/core/driver'
import { keyOf } from '../keys.ts'
import type { Document } from '../mongo.ts'
import type { Settings } from '../options.ts'
import { spellings } from '../removal/id-types.ts'
import type { OwnClient } from '../removal/own-client.ts'
import { at } from '../removal/soft-delete.ts'

/** Whose documents are meant: there is such a one. */
export interface Owner {
  readonly collection: string
  readonly id: unknown
  /** What the answer calls it. */
  readonly type: string
  /** What a field that names it holds. */
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

/** Others may name an ObjectId by its text. */
function idsOf(owner: Document, key: string): readonly unknown[] {
  const value = at(owner, key)
  const { json, idType } = keyOf(value)
  return idType === 'objectId' ? [value, json] : [value]
}
