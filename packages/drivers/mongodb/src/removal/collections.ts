/** The existing collections, and whether one is still the collection in which a document was created. */
import type { Target } from '@dustpan/core/driver'
import { uuidText } from '../uuid.ts'
import type { OwnClient } from './own-client.ts'
import { collectionOf } from './spec.ts'

export interface Collections {
  /** Uuids by name, if the server has them. */
  readonly uuids: ReadonlyMap<string, string | undefined>
  readonly names: ReadonlyMap<string, string>
}

export async function readCollections({ database }: OwnClient): Promise<Collections> {
  const found = await database.listCollections({}, { nameOnly: false }).toArray()
  const uuids = new Map(
    found.map(({ name, info }) => [String(name), uuidText((info as { uuid?: unknown } | undefined)?.uuid)]),
  )
  return { uuids, names: new Map([...uuids].flatMap(([name, uuid]) => (uuid === undefined ? [] : [[uuid, name]]))) }
}

/** A target's collection, perhaps under a new name. `recreated`: its collection was dropped, and another one has the name. */
export function placeOf({ removal, proof }: Target, { uuids, names }: Collections): Place {
  const collection = collectionOf(removal)
  const { incarnation } = proof
  if (typeof incarnation !== 'string' || uuids.get(collection) === incarnation)
    return { collection, state: uuids.has(collection) ? 'there' : 'missing' }
  const renamed = names.get(incarnation)
  if (renamed !== undefined) return { collection: renamed, state: 'there' }
  return { collection, state: uuids.has(collection) ? 'recreated' : 'missing' }
}

export interface Place {
  readonly collection: string
  readonly state: 'there' | 'missing' | 'recreated'
}
