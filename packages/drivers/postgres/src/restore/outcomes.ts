import { messageOf, type RemovalOutcome, type Target } from '@dustpan/core/driver'
import { changedSince, locked, notRestored, columnsRestored as restored, sinceThen } from '@dustpan/core/rows'
import { readable, readableTable } from '../names.ts'
import { isServerError } from '../pg.ts'
import { isLockTimeout, isTransient } from '../removal/outcomes.ts'
import type { RestoreArgs } from './change.ts'
import type { RowState, SeenChange } from './look.ts'

const log = 'dustpan.log'

/** The outcome of restored columns. `others`: those of them that still differ. */
export function columnsRestored(columns: readonly string[], others: readonly number[]): RemovalOutcome {
  return restored(
    columns,
    others.map((index) => readable(columns[index] ?? '')),
  )
}

export function tableGone(target: Target): RemovalOutcome {
  return changedSince(name(target), sinceThen.tableGone, log)
}

/** The outcome of a row that is not restored. `failure`: why the database refused it. */
export function unrestoredOutcome({ change: { target }, state }: SeenChange, failure: unknown): RemovalOutcome {
  const reason = reasons[state.is](state)
  if (state.is === 'forgotten' || state.is === 'odd') return notRestored(name(target), reason)
  if (state.is !== 'ready' && state.is !== 'as-before') return changedSince(name(target), reason, log)
  if (failure === undefined) return notRestored(name(target), reasons.ready(state))
  return unrestored(target, failure)
}

/**
 * The outcome of a row that the database refused. Unique values, keys and parents taken by others since count as a change
 * by others.
 */
export function unrestored(target: Target, error: unknown): RemovalOutcome {
  if (isLockTimeout(error)) return locked
  if (isServerError(error) && /^23(?:505|503|P01)$/.test(error.code)) {
    const reason = `other rows are in its way (the constraint ${readable(error.constraint ?? '')})`
    return changedSince(name(target), reason, log)
  }
  const state = isServerError(error) ? ` (SQLSTATE ${error.code})` : ''
  return notRestored(name(target), `${messageOf(error)}${state}`, error, isTransient(error))
}

const reasons: { readonly [is in RowState['is']]: (state: RowState) => string } = {
  changed: (state) => sinceThen.changed(columnsOf(state)),
  gone: () => sinceThen.gone,
  taken: () => sinceThen.taken,
  emptied: () => 'its table was emptied, or written anew, since',
  forgotten: () => sinceThen.forgotten,
  odd: (state) => `what ${columnsOf(state)} was cannot be written back, as its type has a form of its own in JSON`,
  ready: () => 'a trigger, a rule or row-level security keeps it as it is',
  'as-before': () => 'it is as it was',
  removed: () => sinceThen.gone,
}

function columnsOf(state: RowState): string {
  return 'columns' in state ? state.columns.map(readable).join(', ') : ''
}

function name({ key, removal }: Target): string {
  const { schema, table } = removal.args as unknown as RestoreArgs
  return `The row ${JSON.stringify(key)} in ${readableTable({ schema, table })}`
}
