/**
 * Rows that were there before went from a table in a way that does not tell their keys (TRUNCATE, ON DELETE CASCADE, MERGE, DO). What is inserted
 * there later under a key of the client's choice may be one of them again: nobody's to remove.
 */
import type { StoreSeen } from '@dustpan/core/driver'
import { databaseSeen } from '../identity.ts'
import type { Write } from './statement.ts'
import type { TableFacts } from './table-facts.ts'

/** By database, scope and oid: whether keys that the server makes begin anew, too. */
const doubtful = new Map<string, boolean>()

const placeOf = (store: StoreSeen, scope: string | undefined, oid: number | 'any'): string =>
  `${databaseSeen(store)}\n${scope}\n${oid}`

/** `restart`: its sequences are set back. `any`: nobody knows of which tables. */
export function doubtRows(
  store: StoreSeen,
  scope: string | undefined,
  oids: readonly (number | 'any')[],
  restart = false,
): void {
  for (const oid of oids) {
    const place = placeOf(store, scope, oid)
    doubtful.set(place, restart || doubtful.get(place) === true)
  }
}

/** Whether what an INSERT made may have been there before. */
export function mayReplace(store: StoreSeen, scope: string | undefined, facts: TableFacts, write: Write): boolean {
  if (doubtful.size === 0) return false
  const restarted = doubtful.get(placeOf(store, scope, facts.oid)) ?? doubtful.get(placeOf(store, scope, 'any'))
  if (restarted === undefined) return false
  return restarted || facts.key.every(({ name }) => write.given === undefined || write.given.includes(name))
}
