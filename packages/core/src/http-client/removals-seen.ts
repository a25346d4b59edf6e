/** What Dustpan's own requests have removed in this process, by who asked: what was removed before can be told from what never is. */
import { digestOf } from './creators.ts'

export interface RemovalsSeen {
  /** Who asks, as {@link creators} tell it; undefined: nobody by name. */
  readonly asker: string | undefined
  /** `DELETE /users/{id}` */
  readonly routes: Set<string>
  /** Whose things these were. */
  readonly creators: Set<string>
}

const byAsker = new Map<string, RemovalsSeen>()

export const removalsSeen = {
  /** A run begins: another service may be there by now. */
  begin(): void {
    byAsker.clear()
  },
  by(store: string, credential: string): RemovalsSeen {
    const asker = credential === '' ? undefined : digestOf(credential)
    const name = `${store}\n${asker ?? ''}`
    const known = byAsker.get(name)
    if (known) return known
    const seen = { asker, routes: new Set<string>(), creators: new Set<string>() }
    byAsker.set(name, seen)
    return seen
  },
}
