/** Removals of this driver as data: `delete-document` by key, `delete-matching` by a filter of the user's own. */
import { invalidArgument, type Json, type Removal } from '@dustpan/core/driver'
import type { IdType } from '../keys.ts'
import type { SoftDeleteFields } from '../options.ts'

export interface DocumentArgs {
  readonly collection: string
  /** Of what BSON type the keys are, where JSON cannot tell. */
  readonly idType?: NonNullable<IdType>
  /** Another field than `_id`. */
  readonly key?: string
}

export interface FilterArgs {
  readonly collection: string
  /** Extended JSON; `{id}` stands for the key. */
  readonly filter: Json
  /** An update, where they are not to be deleted. */
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
 * `{ collection: 'users' }`, by another field `{ collection: 'users', key: 'email' }`, where the ids given are the texts of ObjectIds
 * `{ collection: 'users', idType: 'objectId' }`, or `{ collection: 'orders', filter: { userId: { $oid: '{id}' } } }`.
 * @throws TypeError on wrong input.
 */
export function removalOf(driver: string, { store: _, database: __, ...spec }: Spec, keys: readonly Json[]): Removal {
  const { collection, idType, key, filter, update, ...others } = spec
  const [other] = Object.keys(others)
  if (other !== undefined) throw unknown(other)
  if (!isText(collection)) throw wrong('collection', "a collection's name", collection)
  if (filter !== undefined) return matching(driver, String(collection), filter, update, { idType, key })
  if (update !== undefined) throw wrong('update', 'a filter beside it', update)
  if (idType !== undefined && idType !== 'objectId') throw wrong('idType', "'objectId'", idType)
  const odd = idType && keys.find((id) => !/^[\da-f]{24}$/i.test(String(id)))
  if (odd !== undefined)
    throw invalidArgument(`track(): id: expected the 24 digits of an ObjectId, got ${JSON.stringify(odd)}`)
  if (key !== undefined && !isText(key)) throw wrong('key', "a field's name", key)
  return documentRemoval(driver, String(collection), idType, key as string | undefined)
}

function matching(
  driver: string,
  collection: string,
  filter: Json,
  update: Json | undefined,
  others: { idType: Json | undefined; key: Json | undefined },
): Removal {
  if (!isRecord(filter) || Object.keys(filter).length === 0) throw wrong('filter', 'a filter that is not empty', filter)
  if (!JSON.stringify(filter).includes('{id}')) throw wrong('filter', "a filter with '{id}' in it", filter)
  for (const [name, value] of Object.entries(others))
    if (value !== undefined) throw wrong(name, 'no filter beside it', value)
  const isUpdate =
    isRecord(update) && Object.keys(update).length > 0 && Object.keys(update).every((name) => name.startsWith('$'))
  if (update !== undefined && !isUpdate)
    throw wrong('update', 'operators such as { $set: { isActive: false } }', update)
  return {
    driver,
    op: 'delete-matching',
    v: 1,
    args: { collection, filter, ...(update === undefined ? {} : { update }) },
  }
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isRecord = (value: unknown): value is Spec => typeof value === 'object' && value !== null && !Array.isArray(value)

function unknown(option: string): TypeError {
  return invalidArgument(
    `track(): remove.${option}: there is no such option`,
    'With a MongoDB store these are known: collection, idType, key, filter, update, database, store',
  )
}

function wrong(option: string, expected: string, found: Json | undefined): TypeError {
  return invalidArgument(`track(): remove.${option}: expected ${expected}, got ${JSON.stringify(found) ?? 'nothing'}`)
}
