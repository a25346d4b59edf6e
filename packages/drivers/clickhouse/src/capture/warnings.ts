/** Warnings about rows that are not tracked. */
import type { CaptureSink } from '@dustpan/core/driver'
import type { Table } from '../sql/table.ts'
import type { RowKeys } from './row-keys.ts'

/** `how`: how the rows were inserted, as a part of the sentence. */
export function warnOfUntracked(sink: CaptureSink, { name }: Table, how: string): void {
  const message = `${name}: rows were inserted ${how}, so they are not tracked: give them other keys, or track() them`
  sink.warn('DUSTPAN_SQL_UNATTRIBUTED', name, message)
}

export function warnOfViews(sink: CaptureSink, { name, views }: Table): void {
  if (views.length === 0) return
  const message = `${name}: what the materialized views ${views.join(', ')} make of its rows is not tracked, and stays`
  sink.warn('DUSTPAN_SQL_UNATTRIBUTED', `${name} views`, message)
}

/** For a table from which unknown rows were removed. */
export function warnOfRemoved(sink: CaptureSink, { name }: Table): void {
  const message = `${name}: a test removed rows whose keys Dustpan could not read, or more than 10,000. Rows inserted since then may be existing ones, so they are not tracked, and stay`
  sink.warn('DUSTPAN_SQL_UNATTRIBUTED', `${name} removed`, message)
}

export function warnOfMore(sink: CaptureSink, { name }: Table, key: string): void {
  const message = `${name}: more rows were inserted under a key (${key}) than a test had removed, and cannot be told from them: all of them stay`
  sink.warn('DUSTPAN_SQL_UNATTRIBUTED', `${name} again`, message)
}

export const inUnreadForm = 'in a form that only the server reads'

/** Why rows have no key that identifies them. */
export function withoutKey({ merging, sortingKey }: Table, { unfit }: RowKeys): string {
  if (unfit !== undefined) return `with ${unfit}`
  const by = sortingKey.length > 0 ? ` (${sortingKey.join(', ')})` : ''
  return merging
    ? `without a value for every column of the key by which the table merges rows${by}, or that key has an expression`
    : `without a value for any column of the sorting key${by}, and without an id`
}
