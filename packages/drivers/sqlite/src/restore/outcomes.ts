import { messageOf, type RemovalOutcome } from '@dustpan/core/driver'
import { type Change, changedSince, notRestored, sinceThen } from '@dustpan/core/rows'
import type { RowState } from './row-state.ts'

const log = 'dustpan_log'

/** The outcome for a row that was not restored. `failure`: the database's error. */
export function leftAs({ target, args }: Change, state: RowState, failure: unknown): RemovalOutcome {
  const row = `The row ${JSON.stringify(target.key)} in ${args.table}`
  if (state.is === 'forgotten') return notRestored(row, sinceThen.forgotten)
  if (state.is === 'table-gone') return changedSince(row, sinceThen.tableGone, log)
  if (state.is === 'changed') return changedSince(row, sinceThen.changed(state.columns.join(', ')), log)
  if (state.is === 'gone' || state.is === 'taken') return changedSince(row, sinceThen[state.is], log)
  if (failure === undefined) return notRestored(row, 'a trigger keeps it as it is')
  if (isConflict.test(messageOf(failure)))
    return changedSince(row, `other rows are in its way (${messageOf(failure)})`, log)
  return notRestored(row, messageOf(failure), failure)
}

/** Unique values, keys and parents that others have taken since count like a row that others have changed. */
const isConflict = /\b(?:UNIQUE|PRIMARY KEY|FOREIGN KEY) constraint failed/
