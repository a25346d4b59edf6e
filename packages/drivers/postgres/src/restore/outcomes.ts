import {
  changedSince,
  locked,
  messageOf,
  notRestored,
  type RemovalOutcome,
  columnsRestored as restored,
  sinceThen,
  type Target,
} from '@dustpan/core/driver'
import { readable, readableTable } from '../names.ts'
import { isServerError } from '../pg.ts'
import { isLockTimeout, isPassing } from '../removal/outcomes.ts'
import type { RestoreArgs } from './change.ts'
import type { Seen, Standing } from './look.ts'

const log = 'dustpan.log'

/** `others`: those that are not as before all the same. */
export function columnsRestored(columns: readonly string[], others: readonly number[]): RemovalOutcome {
  return restored(
    columns,
    others.map((index) => readable(columns[index] ?? '')),
  )
}

export function tableGone(target: Target): RemovalOutcome {
  return changedSince(name(target), sinceThen.tableGone, log)
}

/** What became of a row that is not restored. `failure`: why the database refused it. */
export function leftAs({ change: { target }, standing }: Seen, failure: unknown): RemovalOutcome {
  const reason = why[standing.is](standing)
  if (standing.is === 'forgotten' || standing.is === 'odd') return notRestored(name(target), reason)
  if (standing.is !== 'ready' && standing.is !== 'as-before') return changedSince(name(target), reason, log)
  if (failure === undefined) return notRestored(name(target), why.ready(standing))
  return unrestored(target, failure)
}

/** Unique values, keys and parents that others have taken since are the same as a row that others have changed. */
export function unrestored(target: Target, error: unknown): RemovalOutcome {
  if (isLockTimeout(error)) return locked
  if (isServerError(error) && /^23(?:505|503|P01)$/.test(error.code)) {
    const reason = `other rows are in its way (the constraint ${readable(error.constraint ?? '')})`
    return changedSince(name(target), reason, log)
  }
  const state = isServerError(error) ? ` (SQLSTATE ${error.code})` : ''
  return notRestored(name(target), `${messageOf(error)}${state}`, error, isPassing(error))
}

const why: { readonly [is in Standing['is']]: (standing: Standing) => string } = {
  changed: (standing) => sinceThen.changed(columnsOf(standing)),
  gone: () => sinceThen.gone,
  taken: () => sinceThen.taken,
  emptied: () => 'its table was emptied, or written anew, since',
  forgotten: () => sinceThen.forgotten,
  odd: (standing) =>
    `what ${columnsOf(standing)} was cannot be written back, as its type has a form of its own in JSON`,
  ready: () => 'a trigger, a rule or row-level security keeps it as it is',
  'as-before': () => 'it is as it was',
  removed: () => sinceThen.gone,
}

function columnsOf(standing: Standing): string {
  return 'columns' in standing ? standing.columns.map(readable).join(', ') : ''
}

function name({ key, removal }: Target): string {
  const { schema, table } = removal.args as unknown as RestoreArgs
  return `The row ${JSON.stringify(key)} in ${readableTable({ schema, table })}`
}
