import { extended, keepsOrder, keyOf } from '../keys.ts'
import type { Document } from '../mongo.ts'

/** A delete statement: its filter and collation. */
export interface Deletion {
  readonly filter?: unknown
  readonly collation?: unknown
}

/**
 * The only ids that a deletion can match, whatever else its filter says. Undefined: it names none, or a collation makes
 * others equal.
 */
export function namedIds({ filter, collation }: Deletion): readonly unknown[] | undefined {
  const { _id: id } = (filter ?? {}) as Document
  const ids = id === undefined || collation !== undefined ? undefined : idsIn(id)
  return ids?.every(keepsOrder) ? ids : undefined
}

/** Whether an upsert may have set the id itself; a pipeline may compute it from anything. */
export function mayNameId(query: unknown, update: unknown, id: unknown): boolean {
  const { json, idType } = keyOf(id)
  return (
    idType !== 'objectId' || Array.isArray(update) || JSON.stringify(extended([query, update])).includes(String(json))
  )
}

function idsIn(id: unknown): readonly unknown[] | undefined {
  if (isPattern(id)) return undefined
  if (typeof id !== 'object' || id === null) return [id]
  if (!Object.keys(id).some((name) => name.startsWith('$'))) return [id]
  const { $in, $eq } = id as { readonly $in?: unknown; readonly $eq?: unknown }
  if ($eq !== undefined) return [$eq]
  return Array.isArray($in) && !$in.some(isPattern) ? $in : undefined
}

/** A pattern matches ids, and is not an id itself. */
function isPattern(value: unknown): boolean {
  return (
    Object.prototype.toString.call(value) === '[object RegExp]' ||
    (value as { _bsontype?: unknown } | null)?._bsontype === 'BSONRegExp'
  )
}
