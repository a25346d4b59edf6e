/** Warnings about a store's own log of the application's writes, in the same words for every store that has one. */

import type { ApplicationLogStatus, LoggedTable } from '../resource/application.ts'
import type { RemovalContext } from '../resource/connection.ts'
import type { RunId } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'

type Warn = RemovalContext['warn']

/** `3 of orders` */
export type TableCount = readonly [table: string, count: number]

/** @param store its full id */
export function warnOfLogState(
  warn: Warn,
  store: string,
  state: ApplicationLogStatus['state'],
  tables: readonly LoggedTable[],
): void {
  if (state === 'installed') return
  const what = state === 'missing' ? 'is not installed' : `is incomplete or outdated${tablesText(tables)}`
  warn?.(
    'DUSTPAN_LOG_MISSING',
    `The log of what the application writes ${what} in ${withoutIdentity(store)}, so not all of it is removed: run \`dustpan db install\``,
  )
}

function tablesText(tables: readonly LoggedTable[]): string {
  const names = tables.filter(({ state }) => state === 'missing' || state === 'stale').map(({ table }) => table)
  if (names.length === 0) return ''
  return ` for ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`
}

/**
 * Warns of rows that name no run, and that no run could claim.
 * @param others runs that were at work at the same time
 */
export function warnOfUnattributed(
  warn: Warn,
  counts: readonly TableCount[],
  unattributed: 'claim' | 'leave',
  others: readonly RunId[],
): void {
  const why = unattributed === 'leave' ? 'the option application.unattributed is leave' : otherRunsText(others)
  warn?.(
    'DUSTPAN_ROWS_UNATTRIBUTED',
    `Rows without a test were written during the run, and are not removed (${why}): ${countsOf(counts)}`,
  )
}

const otherRunsText = (others: readonly RunId[]): string =>
  others.length === 0 ? 'they were written after its last check' : `also active at the time: ${others.join(', ')}`

/** Warns of rows that name a run long after its end: a person's browser may still send its name. */
export function warnOfLate(warn: Warn, run: RunId, counts: readonly TableCount[]): void {
  if (counts.length === 0) return
  warn?.(
    'DUSTPAN_ROWS_UNATTRIBUTED',
    `Rows were written in the name of run ${run} long after it ended, and are left alone (a person's browser may still have its name): ${countsOf(counts)}`,
  )
}

const countsOf = (counts: readonly TableCount[]): string =>
  [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([table, count]) => `${count} of ${table}`)
    .join(', ')
