/**
 * What Dustpan's own requests have removed in this process, by credentials: distinguishes resources
 * removed earlier from ones that never existed.
 */
import { digestOf } from './creators.ts'

export interface RemovalsSeen {
  /** The asker, as in {@link creators}; undefined: no credentials. */
  readonly asker: string | undefined
  /** `DELETE /users/{id}` */
  readonly routes: Set<string>
  /** The creators of the removed resources. */
  readonly creators: Set<string>
}

const byCredential = new Map<string, RemovalsSeen>()

export const removalsSeen = {
  /** A run begins: another service may run there by now. */
  begin(): void {
    byCredential.clear()
  },
  by(store: string, credential: string): RemovalsSeen {
    const asker = credential === '' ? undefined : digestOf(credential)
    const name = `${store}\n${asker ?? ''}`
    const known = byCredential.get(name)
    if (known) return known
    const seen = { asker, routes: new Set<string>(), creators: new Set<string>() }
    byCredential.set(name, seen)
    return seen
  },
}
