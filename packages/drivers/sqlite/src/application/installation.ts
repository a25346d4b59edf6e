/** Computes the statements that install or uninstall the log, given what is in the file. Pure. */
import { type ApplicationLogStatus, DustpanError, type LoggedTable } from '@dustpan/core/driver'
import type { Settings } from '../options.ts'
import { quoted } from '../quote.ts'
import { sameName } from '../tables.ts'
import type { Found, FoundTable } from './inspect.ts'
import { anyLayout, createTables, dropTables, logTables } from './log-tables.ts'
import { triggersFor, type Unattributed } from './log-triggers.ts'

export interface LogOptions {
  /** What happens to rows that name no scope. */
  readonly unattributed: Unattributed
  /** Only these tables; undefined: all. */
  readonly tables?: readonly string[]
  /** Tables that are never logged. */
  readonly ignored: readonly string[]
}

/** In shared environments, an unattributed row may belong to somebody else. */
export function logOptions({ application, ignoreTables = [] }: Settings, environment: string): LogOptions {
  const isPrivate = environment === 'local' || environment === 'test'
  const configured = typeof application === 'object' ? application.unattributed : undefined
  return { unattributed: configured ?? (isPrivate ? 'claim' : 'leave'), ignored: ignoreTables }
}

export function logStateOf(found: Found, tables: readonly LoggedTable[]): ApplicationLogStatus['state'] {
  if (found.logTables.size === 0) return 'missing'
  return isCurrent(found) && tables.every(({ state }) => state === 'logged' || state === 'left') ? 'installed' : 'stale'
}

export function tableStates(found: Found, options: LogOptions): readonly LoggedTable[] {
  return chosen(found.tables, options).map((table) => ({ table: table.name, ...stateOf(table, options) }))
}

/** @throws DustpanError when the log's tables are somebody else's, or a table is named that is not there. */
export function installStatements(found: Found, options: LogOptions): readonly string[] {
  refuseForeignTables(found)
  const tables = chosen(found.tables, options)
  const isOld = found.logTables.size > 0 && !isCurrent(found)
  const before = isOld ? uninstallStatements(found, {}) : []
  let next = found.nextNumber
  const triggers = tables.flatMap((table) => {
    const { state } = stateOf(table, options)
    if (state === 'left' || (state === 'logged' && !isOld)) return []
    const dropped = isOld ? [] : dropTriggers(table)
    if (isIgnored(table, options)) return dropped
    return [...dropped, ...triggersFor(table, table.triggers?.number ?? next++, options.unattributed)]
  })
  return [...before, ...(isCurrent(found) ? [] : createTables), ...triggers]
}

/** For the named tables, drops only their triggers; without names, drops everything. */
export function uninstallStatements(found: Found, { tables }: Pick<LogOptions, 'tables'>): readonly string[] {
  if (found.logTables.size === 0) return []
  refuseForeignTables(found)
  const triggers = chosen(found.tables, tables === undefined ? {} : { tables }).flatMap(dropTriggers)
  return tables === undefined ? [...triggers, ...dropTables] : triggers
}

const isIgnored = ({ name }: FoundTable, { ignored }: Pick<LogOptions, 'ignored'>): boolean =>
  ignored.some((one) => sameName(one, name))

function isCurrent({ logTables: existing }: Found): boolean {
  return Object.entries(logTables).every(([name, sql]) => existing.get(name) === sql)
}

function stateOf(table: FoundTable, options: LogOptions): Omit<LoggedTable, 'table'> {
  const { key, triggers } = table
  if (isIgnored(table, options)) return { state: triggers ? 'stale' : 'left', why: 'the option ignoreTables names it' }
  if (key.length === 0)
    return {
      state: 'left',
      code: 'DUSTPAN_NO_PRIMARY_KEY',
      why: 'it has no primary key, and columns named like the rowid, so that no row could be found again',
    }
  if (!triggers) return { state: 'missing' }
  const expected = triggersFor(table, triggers.number, options.unattributed)
  const texts = [...triggers.texts.values()]
  const isSame = expected.length === texts.length && expected.every((sql) => texts.includes(sql))
  return isSame
    ? { state: 'logged' }
    : { state: 'stale', why: 'its key, its columns or the option unattributed have changed' }
}

function chosen(
  all: readonly FoundTable[],
  { tables, ignored = [] }: Pick<LogOptions, 'tables'> & Partial<LogOptions>,
): readonly FoundTable[] {
  if (tables === undefined) return all.filter((table) => table.triggers || !isIgnored(table, { ignored }))
  return tables.map((name) => {
    const found = all.find((table) => sameName(table.name, name))
    if (found) return found
    throw new DustpanError(
      'DUSTPAN_INVALID_ARGUMENT',
      `There is no table ${JSON.stringify(name)} that could be logged.`,
      { hint: 'Name it as it is, without quotes. Views and virtual tables are not logged. Nothing was changed.' },
    )
  })
}

function refuseForeignTables({ logTables: existing }: Found): void {
  const foreignTable = [...existing].find(([, sql]) => !anyLayout.test(sql))
  if (!foreignTable) return
  throw new DustpanError(
    'DUSTPAN_NOT_OURS',
    `The database has a table "${foreignTable[0]}" that Dustpan did not make.`,
    {
      hint: 'Rename or drop that table. Nothing was changed.',
    },
  )
}

const dropTriggers = ({ triggers }: FoundTable): readonly string[] =>
  [...(triggers?.texts.keys() ?? [])].map((name) => `DROP TRIGGER ${quoted(name)}`)
