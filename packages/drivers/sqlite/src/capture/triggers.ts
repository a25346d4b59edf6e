/**
 * The temporary triggers that report which rows are created and deleted. They exist in one connection and are invisible to
 * others.
 */
import type { RowMarker } from '@dustpan/core/driver'
import type { Client, SqlValue } from '../client.ts'
import { quoted } from '../quote.ts'
import type { Table } from '../tables.ts'
import { canBeMarked, markerColumn, markingTriggers } from './marking.ts'
import { namingTrigger, namingTriggers } from './naming.ts'
import { presenceTrigger, presenceTriggers } from './presence-trigger.ts'

/** What a trigger reports. `existed`: an INSERT found a row with its key. `moved`: the key was changed. */
export const rowEvents = ['existed', 'created', 'gone', 'moved'] as const
export type RowEvent = (typeof rowEvents)[number]

export type OnEvent = (table: number, event: RowEvent, values: readonly SqlValue[]) => boolean

/** Defines the functions that the triggers call. `seen` returns whether to leave a mark; `mark` returns the mark. */
export function defineCallbacks(client: Client, seen: OnEvent, mark: () => number): void {
  client.define('dustpan_seen', (table, event, ...values) => {
    const name = rowEvents[Number(event)]
    return name !== undefined && seen(Number(table), name, values) ? 1 : 0
  })
  client.define('dustpan_mark', mark)
}

/** Marks are rows of a temporary table: a rolled-back transaction removes its marks. */
export const marks = 'dustpan_marks'
const createMarks = `CREATE TEMP TABLE IF NOT EXISTS ${marks} (n INTEGER PRIMARY KEY)`
const leaveMark = `INSERT INTO ${marks} VALUES (dustpan_mark())`

/** Creates triggers on the tables, numbered from `first`; returns the tables that accept none. */
export function installTriggers(
  client: Client,
  tables: readonly Table[],
  first: number,
  marker: RowMarker | undefined,
): Table[] {
  client.exec([createMarks, ...dropAll(client), ...namingTriggers(client), ...presenceTriggers(client)].join(';'))
  const scripts = tables.map((table, number) =>
    [...triggersOf(table, first + number), ...markersOf(client, table, first + number, marker)].join(';'),
  )
  if (tryExec(client, scripts.join(';'))) return []
  return tables.filter((_, number) => !tryExec(client, scripts[number] ?? ''))
}

/** The tables that have triggers now, by the numbers given at installation. */
export function triggeredTables(client: Client): Set<number> {
  return new Set(ownTriggers(client).map((name) => Number(name.split('_')[1])))
}

export function removeTriggers(client: Client): void {
  client.exec(dropAll(client).join(';'))
}

function dropAll(client: Client): string[] {
  const names = [...ownTriggers(client), namingTrigger, presenceTrigger]
  return names.map((name) => `DROP TRIGGER IF EXISTS temp.${quoted(name)}`)
}

function ownTriggers(client: Client): string[] {
  const rows = client.all("SELECT name FROM temp.sqlite_master WHERE type = 'trigger' AND name GLOB 'dustpan_[0-9]*'")
  return rows.map((row) => String(row.name))
}

function tryExec(client: Client, sql: string): boolean {
  client.exec('SAVEPOINT dustpan')
  try {
    client.exec(sql)
    return true
  } catch {
    client.exec('ROLLBACK TO dustpan')
    return false
  } finally {
    client.exec('RELEASE dustpan')
  }
}

function markersOf(client: Client, table: Table, number: number, marker: RowMarker | undefined): string[] {
  const column = markerColumn(table, marker)
  if (marker === undefined || column === undefined || !canBeMarked(client, table)) return []
  return markingTriggers(table, marker, column, number)
}

/** A trigger's condition calls the function, so that its body runs only to leave a mark. CASE keeps the order of evaluation. */
function triggersOf(table: Table, number: number): string[] {
  const on = `${quoted(table.schema)}.${quoted(table.name)}`
  const columns = table.key.map(quoted)
  const row = (version: 'OLD' | 'NEW') => columns.map((column) => `${version}.${column}`).join(', ')
  const seen = (event: RowEvent, ...values: string[]) =>
    `dustpan_seen(${[number, rowEvents.indexOf(event), ...values].join(', ')})`
  const create = (event: RowEvent, timing: string, condition: string) =>
    `CREATE TEMP TRIGGER dustpan_${number}_${event} ${timing} ON ${on} WHEN ${condition} BEGIN ${leaveMark}; END`
  const sameKey = columns.map((column) => `dustpan_row.${column} = NEW.${column}`).join(' AND ')
  const exists = `EXISTS (SELECT 1 FROM ${on} AS dustpan_row WHERE ${sameKey})`
  const moved = columns.map((column) => `OLD.${column} IS NOT NEW.${column}`).join(' OR ')
  return [
    create('existed', 'BEFORE INSERT', `CASE WHEN ${exists} THEN ${seen('existed', row('NEW'))} END`),
    create('created', 'AFTER INSERT', seen('created', row('NEW'))),
    create('gone', 'AFTER DELETE', seen('gone', row('OLD'))),
    create(
      'moved',
      `AFTER UPDATE${table.bare ? '' : ` OF ${columns.join(', ')}`}`,
      `CASE WHEN ${moved} THEN ${seen('moved', row('OLD'), row('NEW'))} END`,
    ),
  ]
}
