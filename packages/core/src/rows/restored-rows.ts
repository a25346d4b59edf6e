/** Outcomes for changed rows that are to be restored. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { RemovalOutcome } from '../resource/target.ts'

export const rowRestored: RemovalOutcome = { state: 'removed', result: 'restored row' }
export const asBefore: RemovalOutcome = { state: 'removed', result: 'was as before' }

/** `others`: columns that differ from before all the same. */
export function columnsRestored(columns: readonly string[], others: readonly string[]): RemovalOutcome {
  const count = columns.length - others.length
  const result = `restored ${count} ${count === 1 ? 'column' : 'columns'}`
  const names = others.join(', ')
  return { state: 'removed', result: names === '' ? result : `${result}; a trigger has set ${names}` }
}

/** `row`: `The row 7 in users`; `log`: where its previous values are stored. */
export function changedSince(row: string, reason: string, log: string): RemovalOutcome {
  const error = new DustpanError('DUSTPAN_CHANGED_SINCE', `${row} was not restored: ${reason}`, {
    hint: `It was left alone. Its previous values are in ${log} for 30 days`,
  })
  return { state: 'refused', why: 'changed-since', detail: null, error }
}

/** `cause`: the database's error; `again`: whether it is temporary. */
export function notRestored(row: string, reason: string, cause?: unknown, again = false): RemovalOutcome {
  const error = new DustpanError('DUSTPAN_RESTORE_FAILED', `${row} was not restored: ${reason}`, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'It was left alone',
  })
  return { state: 'failed', error, retry: again ? {} : false }
}

/** Reasons why a row cannot be restored. */
export const sinceThen = {
  changed: (columns: string) => `someone else has changed ${columns === '' ? 'it' : columns} since`,
  gone: 'someone else has deleted it since',
  taken: 'another row has its key since',
  tableGone: 'its table no longer exists',
  forgotten: "its previous values are no longer in the database's log",
} as const
