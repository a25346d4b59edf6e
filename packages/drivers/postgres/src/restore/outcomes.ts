import { DustpanError, messageOf, type RemovalOutcome, type Target } from '@dustpan/core/driver'
import { readable, readableTable } from '../names.ts'
import { isServerError } from '../pg.ts'
import { isLockTimeout, isPassing, locked } from '../removal/outcomes.ts'
import type { RestoreArgs } from './change.ts'
import type { Seen, Standing } from './look.ts'

export const rowRestored: RemovalOutcome = { state: 'removed', result: 'restored row' }
export const asBefore: RemovalOutcome = { state: 'removed', result: 'was as before' }

/** `others`: those that are not as before all the same. */
export function columnsRestored(columns: readonly string[], others: readonly number[]): RemovalOutcome {
  const count = columns.length - others.length
  const result = `restored ${count} ${count === 1 ? 'column' : 'columns'}`
  const names = others.map((index) => readable(columns[index] ?? '')).join(', ')
  return { state: 'removed', result: names === '' ? result : `${result}; a trigger has set ${names}` }
}

export function tableGone(target: Target): RemovalOutcome {
  return changedSince(target, 'its table is no more')
}

/** What became of a row that is not restored. `failure`: why the database refused it. */
export function leftAs({ change: { target }, standing }: Seen, failure: unknown): RemovalOutcome {
  if (standing.is === 'forgotten' || standing.is === 'odd') return notRestored(target, why[standing.is](standing))
  if (standing.is !== 'ready' && standing.is !== 'as-before') return changedSince(target, why[standing.is](standing))
  if (failure === undefined) return notRestored(target, why.ready(standing))
  return unrestored(target, failure)
}

/** Unique values, keys and parents that others have taken since are the same as a row that others have changed. */
export function unrestored(target: Target, error: unknown): RemovalOutcome {
  if (isLockTimeout(error)) return locked
  if (isServerError(error) && /^23(?:505|503|P01)$/.test(error.code))
    return changedSince(target, `other rows are in its way (the constraint ${readable(error.constraint ?? '')})`)
  const state = isServerError(error) ? ` (SQLSTATE ${error.code})` : ''
  return notRestored(target, `${messageOf(error)}${state}`, error)
}

const why: { readonly [is in Standing['is']]: (standing: Standing) => string } = {
  changed: (standing) => `somebody else has changed ${columnsOf(standing)} since`,
  gone: () => 'somebody else has deleted it since',
  taken: () => 'another row has its key since',
  emptied: () => 'its table was emptied, or written anew, since',
  forgotten: () => 'what it was is not in the log of the database any more',
  odd: (standing) =>
    `what ${columnsOf(standing)} was cannot be written back, as its type has a form of its own in JSON`,
  ready: () => 'a trigger, a rule or row-level security keeps it as it is',
  'as-before': () => 'it is as it was',
}

function columnsOf(standing: Standing): string {
  const columns = 'columns' in standing ? standing.columns : []
  return columns.length === 0 ? 'it' : columns.map(readable).join(', ')
}

function changedSince(target: Target, reason: string): RemovalOutcome {
  const error = new DustpanError('DUSTPAN_CHANGED_SINCE', `${name(target)} is not restored: ${reason}`, {
    hint: 'It was left as it is. What it was is in dustpan.log for 30 days',
  })
  return { state: 'refused', why: 'changed-since', detail: null, error }
}

function notRestored(target: Target, reason: string, cause?: unknown): RemovalOutcome {
  const error = new DustpanError('DUSTPAN_RESTORE_FAILED', `${name(target)} is not restored: ${reason}`, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'It was left as it is',
  })
  return { state: 'failed', error, retry: cause !== undefined && isPassing(cause) ? {} : false }
}

function name({ key, removal }: Target): string {
  const { schema, table } = removal.args as unknown as RestoreArgs
  return `The row ${JSON.stringify(key)} in ${readableTable({ schema, table })}`
}
