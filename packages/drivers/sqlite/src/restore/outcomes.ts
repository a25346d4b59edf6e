import { type Change, changedSince, messageOf, notRestored, type RemovalOutcome, sinceThen } from '@dustpan/core/driver'
import type { Standing } from './look.ts'

const log = 'dustpan_log'

/** What became of a row that is not restored. `failure`: why the database refused it. */
export function leftAs({ target, args }: Change, standing: Standing, failure: unknown): RemovalOutcome {
  const row = `The row ${JSON.stringify(target.key)} in ${args.table}`
  if (standing.is === 'forgotten') return notRestored(row, sinceThen.forgotten)
  if (standing.is === 'table-gone') return changedSince(row, sinceThen.tableGone, log)
  if (standing.is === 'changed') return changedSince(row, sinceThen.changed(standing.columns.join(', ')), log)
  if (standing.is === 'gone' || standing.is === 'taken') return changedSince(row, sinceThen[standing.is], log)
  if (failure === undefined) return notRestored(row, 'a trigger keeps it as it is')
  if (isOfOthers.test(messageOf(failure)))
    return changedSince(row, `other rows are in its way (${messageOf(failure)})`, log)
  return notRestored(row, messageOf(failure), failure)
}

/** Unique values, keys and parents that others have taken since are the same as a row that others have changed. */
const isOfOthers = /\b(?:UNIQUE|PRIMARY KEY|FOREIGN KEY) constraint failed/
