/** Outcomes and errors of removals, in the core's terms. */
import { DustpanError, type Json, messageOf, type RemovalOutcome } from '@dustpan/core/driver'
import type { Skipped } from './batches.ts'

/** The user's own client is inside a transaction. */
export class Held extends Error {}

export { alreadyGone, marked, removed } from '@dustpan/core/rows'

export const heldOutcome: RemovalOutcome = { state: 'pending', why: 'open-transaction', afterMs: 100 }

export function notOurs(message: string): RemovalOutcome {
  const error = new DustpanError('DUSTPAN_NOT_OURS', message, { hint: 'Look at the row; nothing was changed.' })
  return { state: 'refused', why: 'not-ours', detail: { message }, error }
}

export function blocked(dependents: readonly { readonly type: string; readonly key: Json }[]): RemovalOutcome {
  const list = dependents.map(({ type, key }) => `${type} ${JSON.stringify(key)}`).join(', ')
  const error = new DustpanError('DUSTPAN_HAS_DEPENDENTS', `Rows that no test recorded refer to it: ${list}`, {
    hint: 'Track those rows too, or remove them first; nothing was changed.',
  })
  return { state: 'refused', why: 'has-dependents', detail: { dependents: [...dependents] }, error }
}

export function failed(cause: unknown): RemovalOutcome {
  const message = `SQLite answered the removal with an error: ${messageOf(cause)}`
  const error = new DustpanError('DUSTPAN_REMOVAL_FAILED', message, { cause, hint: hintFor(cause) })
  return { state: 'failed', error, retry: isConstraint(cause) || missingFunction(cause) ? false : {} }
}

export function stillThere(table: string): RemovalOutcome {
  const error = new DustpanError('DUSTPAN_STILL_THERE', `The row of ${table} is still there after it was deleted`, {
    hint: 'A trigger on the table may keep it (RAISE(IGNORE)).',
  })
  return { state: 'failed', error, retry: false }
}

export function skippedOutcome({ why, message }: Skipped): RemovalOutcome {
  if (why === 'no-table') return { state: 'already-gone', result: message }
  if (why === 'not-ours') return notOurs(message)
  const error = new DustpanError('DUSTPAN_REMOVAL_FAILED', message, { hint: 'Correct the removal given to track().' })
  return { state: 'failed', error, retry: false }
}

/** Another row or a trigger forbids it. */
export const isConstraint = (error: unknown): boolean => resultCode(error) === constraint

export function isBusy(error: unknown): boolean {
  return error instanceof Held || [busy, locked].includes(resultCode(error))
}

const busy = 'SQLITE_BUSY'
const locked = 'SQLITE_LOCKED'
const constraint = 'SQLITE_CONSTRAINT'
const names: { readonly [code: number]: string } = { 5: busy, 6: locked, 19: constraint }

/** node:sqlite reports numbers, better-sqlite3 names; both may be extended codes (SQLITE_BUSY_SNAPSHOT). */
function resultCode(error: unknown): string {
  const { errcode, code } = (error ?? {}) as { errcode?: unknown; code?: unknown }
  if (typeof errcode === 'number') return names[errcode & 0xff] ?? 'SQLITE_ERROR'
  return Object.values(names).find((name) => String(code).startsWith(name)) ?? 'SQLITE_ERROR'
}

/** The name of a missing function: one that a trigger calls, and that only the application's own connections define. */
export function missingFunction(cause: unknown): string | undefined {
  return /\bno such function: (\S+)/.exec(messageOf(cause))?.[1]
}

function hintFor(cause: unknown): string {
  const missing = missingFunction(cause)
  if (missing !== undefined)
    return `A trigger calls ${missing}(), which the application registers: keep its connection open until the test is over, or do without it there. Nothing was changed.`
  return isConstraint(cause)
    ? 'Another row or a trigger forbids it; nothing was changed.'
    : 'Nothing was changed; the removal can be tried again.'
}
