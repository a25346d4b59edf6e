import { extended, keepsOrder, keyOf } from '../keys.ts'
import type { Document } from '../mongo.ts'

/** A statement that deletes, and what its texts are compared by. */
export interface Deletion {
  readonly filter?: unknown
  readonly collation?: unknown
}

/** The ids of which alone a deletion can take: whatever else its filter says. Undefined: it names none, or what is like them goes as well. */
export function idsNamed({ filter, collation }: Deletion): readonly unknown[] | undefined {
  const { _id: id } = (filter ?? {}) as Document
  const ids = id === undefined || collation !== undefined ? undefined : idsIn(id)
  return ids?.every(keepsOrder) ? ids : undefined
}

/** Whether an update that inserts may have given the id itself: a pipeline may make it of anything. */
export function mayName(query: unknown, update: unknown, id: unknown): boolean {
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

/** It is compared with, and is no id. */
function isPattern(value: unknown): boolean {
  return (
    Object.prototype.toString.call(value) === '[object RegExp]' ||
    (value as { _bsontype?: unknown } | null)?._bsontype === 'BSONRegExp'
  )
}
