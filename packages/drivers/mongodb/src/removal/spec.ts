/** The removals of this driver, as data: `delete-document` by key, `delete-matching` by the user's own filter. */
import { invalidArgument, type Json, type Removal } from '@dustpan/core/driver'
import type { IdType } from '../keys.ts'
import type { SoftDeleteFields } from '../options.ts'

export interface DocumentArgs {
  readonly collection: string
  /** The BSON type of the keys, if JSON cannot express it. */
  readonly idType?: NonNullable<IdType>
  /** A field other than `_id`. */
  readonly key?: string
}

export interface FilterArgs {
  readonly collection: string
  /** Extended JSON; `{id}` stands for the key. */
  readonly filter: Json
  /** An update to apply instead of deleting. */
  readonly update?: SoftDeleteFields
}

type Spec = { readonly [key: string]: Json }

export function documentRemoval(driver: string, collection: string, idType: IdType, key?: string): Removal {
  const args = { collection, ...(idType ? { idType } : {}), ...(key === undefined ? {} : { key }) }
  return { driver, op: 'delete-document', v: 1, args }
}

export function documentArgs({ op, args }: Removal): DocumentArgs | undefined {
  return op === 'delete-document' ? (args as unknown as DocumentArgs) : undefined
}

export function filterArgs({ op, args }: Removal): FilterArgs | undefined {
  return op === 'delete-matching' ? (args as unknown as FilterArgs) : undefined
}

export function collectionOf({ args }: Removal): string {
  return (args as unknown as { readonly collection: string }).collection
}

/**
 * The removal for the arguments of `track()`:
 * `{ collection: 'users' }`, by another field `{ collection: 'users', key: 'email' }`, for ids that are strings of ObjectIds
 * `{ collection: 'users', idType: 'objectId' }`, or `{ collection: 'orders', filter: { userId: { $oid: '{id}' } } }`.
 * @throws TypeError on invalid input.
 */
export function removalOf(driver: string, { store: _, database: __, ...spec }: Spec, keys: readonly Json[]): Removal {
  const { collection, idType, key, filter, update, ...others } = spec
  const [other] = Object.keys(others)
  if (other !== undefined) throw unknownOption(other)
  if (!isText(collection)) throw invalid('collection', "a collection's name", collection)
  if (filter !== undefined) return matching(driver, String(collection), filter, update, { idType, key })
  if (update !== undefined) throw invalid('update', 'a filter beside it', update)
  if (idType !== undefined && idType !== 'objectId') throw invalid('idType', "'objectId'", idType)
  const odd = idType && keys.find((id) => !/^[\da-f]{24}$/i.test(String(id)))
  if (odd !== undefined)
    throw invalidArgument(`track(): id: expected the 24 digits of an ObjectId, got ${JSON.stringify(odd)}`)
  if (key !== undefined && !isText(key)) throw invalid('key', "a field's name", key)
  return documentRemoval(driver, String(collection), idType, key as string | undefined)
}

function matching(
  driver: string,
  collection: string,
  filter: Json,
  update: Json | undefined,
  others: { idType: Json | undefined; key: Json | undefined },
): Removal {
  if (!isRecord(filter) || Object.keys(filter).length === 0)
    throw invalid('filter', 'a filter that is not empty', filter)
  if (!JSON.stringify(filter).includes('{id}')) throw invalid('filter', "a filter with '{id}' in it", filter)
  for (const [name, value] of Object.entries(others))
    if (value !== undefined) throw invalid(name, 'no filter beside it', value)
  const isUpdate =
    isRecord(update) && Object.keys(update).length > 0 && Object.keys(update).every((name) => name.startsWith('$'))
  if (update !== undefined && !isUpdate)
    throw invalid('update', 'operators such as { $set: { isActive: false } }', update)
  return {
    driver,
    op: 'delete-matching',
    v: 1,
    args: { collection, filter, ...(update === undefined ? {} : { update }) },
  }
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isRecord = (value: unknown): value is Spec => typeof value === 'object' && value !== null && !Array.isArray(value)

function unknownOption(option: string): TypeError {
  return invalidArgument(
    `track(): remove.${option}: there is no such option`,
    'With a MongoDB store these are known: collection, idType, key, filter, update, database, store',
  )
}

function invalid(option: string, expected: string, found: Json | undefined): TypeError {
  return invalidArgument(`track(): remove.${option}: expected ${expected}, got ${JSON.stringify(found) ?? 'nothing'}`)
}
