/** What has to be done to a file, given what is found there: pure. */
import { type ApplicationLogStatus, DustpanError, type LoggedTable } from '@dustpan/core/driver'
import type { Settings } from '../options.ts'
import { quoted } from '../quote.ts'
import { sameName } from '../tables.ts'
import type { Found, FoundTable } from './inspect.ts'
import { anyLayout, createTables, dropTables, logTables } from './log-tables.ts'
import { triggersFor, type Unattributed } from './log-triggers.ts'

export interface Wanted {
  /** What becomes of rows that name no scope. */
  readonly unattributed: Unattributed
  /** Only these; absent: all. */
  readonly tables?: readonly string[]
  /** Never logged. */
  readonly ignored: readonly string[]
}

/** Where other people work too, a row without a name may be theirs. */
export function wantedLog({ application, ignoreTables = [] }: Settings, environment: string): Wanted {
  const isOwn = environment === 'local' || environment === 'test'
  const said = typeof application === 'object' ? application.unattributed : undefined
  return { unattributed: said ?? (isOwn ? 'claim' : 'leave'), ignored: ignoreTables }
}

export function logStateOf(found: Found, tables: readonly LoggedTable[]): ApplicationLogStatus['state'] {
  if (found.logTables.size === 0) return 'missing'
  return isCurrent(found) && tables.every(({ state }) => state === 'logged' || state === 'left') ? 'installed' : 'stale'
}

export function tableStates(found: Found, wanted: Wanted): readonly LoggedTable[] {
  return chosen(found.tables, wanted).map((table) => ({ table: table.name, ...stateOf(table, wanted) }))
}

/** @throws DustpanError when the log's tables are somebody else's, or a table is named that is not there. */
export function installStatements(found: Found, wanted: Wanted): readonly string[] {
  refuseStrangers(found)
  const tables = chosen(found.tables, wanted)
  const isOld = found.logTables.size > 0 && !isCurrent(found)
  const before = isOld ? uninstallStatements(found, {}) : []
  let next = found.nextNumber
  const triggers = tables.flatMap((table) => {
    const { state } = stateOf(table, wanted)
    if (state === 'left' || (state === 'logged' && !isOld)) return []
    const dropped = isOld ? [] : dropTriggers(table)
    if (isIgnored(table, wanted)) return dropped
    return [...dropped, ...triggersFor(table, table.triggers?.number ?? next++, wanted.unattributed)]
  })
  return [...before, ...(isCurrent(found) ? [] : createTables), ...triggers]
}

/** Of the tables named, only their triggers; else everything. */
export function uninstallStatements(found: Found, { tables }: Pick<Wanted, 'tables'>): readonly string[] {
  if (found.logTables.size === 0) return []
  refuseStrangers(found)
  const triggers = chosen(found.tables, tables === undefined ? {} : { tables }).flatMap(dropTriggers)
  return tables === undefined ? [...triggers, ...dropTables] : triggers
}

const isIgnored = ({ name }: FoundTable, { ignored }: Pick<Wanted, 'ignored'>): boolean =>
  ignored.some((one) => sameName(one, name))

function isCurrent({ logTables: there }: Found): boolean {
  return Object.entries(logTables).every(([name, sql]) => there.get(name) === sql)
}

function stateOf(table: FoundTable, wantedOf: Wanted): Omit<LoggedTable, 'table'> {
  const { key, triggers } = table
  if (isIgnored(table, wantedOf)) return { state: triggers ? 'stale' : 'left', why: 'the option ignoreTables names it' }
  if (key.length === 0)
    return {
      state: 'left',
      code: 'DUSTPAN_NO_PRIMARY_KEY',
      why: 'it has no primary key, and columns named like the rowid, so that no row could be found again',
    }
  if (!triggers) return { state: 'missing' }
  const wanted = triggersFor(table, triggers.number, wantedOf.unattributed)
  const texts = [...triggers.texts.values()]
  const isSame = wanted.length === texts.length && wanted.every((sql) => texts.includes(sql))
  return isSame
    ? { state: 'logged' }
    : { state: 'stale', why: 'its key, its columns or the option unattributed have changed' }
}

function chosen(
  all: readonly FoundTable[],
  { tables, ignored = [] }: Pick<Wanted, 'tables'> & Partial<Wanted>,
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

function refuseStrangers({ logTables: there }: Found): void {
  const stranger = [...there].find(([, sql]) => !anyLayout.test(sql))
  if (!stranger) return
  throw new DustpanError('DUSTPAN_NOT_OURS', `The database has a table "${stranger[0]}" that Dustpan did not make.`, {
    hint: 'Rename or drop that table. Nothing was changed.',
  })
}

const dropTriggers = ({ triggers }: FoundTable): readonly string[] =>
  [...(triggers?.texts.keys() ?? [])].map((name) => `DROP TRIGGER ${quoted(name)}`)
