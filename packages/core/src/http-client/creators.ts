/** Whose credentials created what: a digest with this process's own salt, held in its memory only. */
import { hash, randomBytes } from 'node:crypto'
import type { ResourceId } from '../resource/resource.ts'

const byThing = new Map<ResourceId, string>()
const salt = randomBytes(16).toString('hex')
let last: readonly [credential: string, digest: string] | undefined

export const creators = {
  /** A run begins. */
  begin(): void {
    byThing.clear()
  },
  /** @param credential as `credentialOf` tells it; nothing is noted of none */
  note(ids: readonly ResourceId[], credential: string): void {
    if (credential !== '') for (const id of ids) byThing.set(id, digestOf(credential))
  },
  /** One thing, on record anew. */
  same(id: ResourceId, as: ResourceId): void {
    const creator = byThing.get(as)
    if (creator !== undefined) byThing.set(id, creator)
  },
  /** Undefined: nobody saw it created, or it was created without credentials. */
  of: (id: ResourceId): string | undefined => byThing.get(id),
}

/** Most requests of a test have the same. */
export function digestOf(credential: string): string {
  if (last?.[0] !== credential) last = [credential, hash('sha256', salt + credential, 'base64url')]
  return last[1]
}
