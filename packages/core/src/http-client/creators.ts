/** Which credentials created a resource: a digest salted per process, held in memory only. */
import { hash, randomBytes } from 'node:crypto'
import type { ResourceId } from '../resource/resource.ts'

const byResource = new Map<ResourceId, string>()
const salt = randomBytes(16).toString('hex')
let last: readonly [credential: string, digest: string] | undefined

export const creators = {
  /** A run begins. */
  begin(): void {
    byResource.clear()
  },
  /** @param credential as given by `credentialOf`; empty: nothing is noted */
  note(ids: readonly ResourceId[], credential: string): void {
    if (credential !== '') for (const id of ids) byResource.set(id, digestOf(credential))
  },
  /** The same resource, recorded again under a new id. */
  same(id: ResourceId, as: ResourceId): void {
    const creator = byResource.get(as)
    if (creator !== undefined) byResource.set(id, creator)
  },
  /** Undefined: its creation was not captured, or it was created without credentials. */
  of: (id: ResourceId): string | undefined => byResource.get(id),
}

/** The last digest is cached, as most requests of a test have the same credentials. */
export function digestOf(credential: string): string {
  if (last?.[0] !== credential) last = [credential, hash('sha256', salt + credential, 'base64url')]
  return last[1]
}
