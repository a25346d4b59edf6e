/** Tracks SQL statements: inserts, and statements that empty or change tables. */
import type { TextParams } from '../library.ts'
import type { Table } from '../sql/table.ts'
import { type Call, capturedInsert } from './captured-insert.ts'
import type { ClientSession } from './client-session.ts'
import type { InsertPlan } from './insert-plan.ts'
import { copiesRows, firstWord, type InsertText, parseInsert, parseRows } from './insert-text.ts'
import { noteRemovedBy } from './note-removed.ts'
import { mutationIn, trackMutation } from './own-mutations.ts'
import { isRefused } from './rejection.ts'
import { removalIn } from './removing-statements.ts'
import { columnsOf } from './row-format.ts'
import { RowKeys } from './row-keys.ts'
import { snapshotParams } from './snapshot-params.ts'
import { unlessAborted } from './unless-aborted.ts'

type CallContext = Omit<Call<TextParams>, 'plan' | 'table' | 'params' | 'run' | 'settings'>
type Run = (params: unknown) => Promise<unknown>

/** Undefined: the statement needs no tracking. */
export function capturedText(context: CallContext, params: TextParams, run: Run): Promise<unknown> | undefined {
  if (typeof params.query !== 'string') return undefined
  const word = firstWord(params.query)
  if (word === 'INSERT') return insertText(context, params, run)
  if (word !== undefined && copying.has(word)) warnOfCopies(context, params)
  return word !== undefined && changesTables.has(word) ? tableText(context, params, run) : undefined
}

const changesTables = new Set([
  'CREATE',
  'ALTER',
  'DELETE',
  'DROP',
  'TRUNCATE',
  'RENAME',
  'REPLACE',
  'OPTIMIZE',
  'EXCHANGE',
  'ATTACH',
  'DETACH',
  'UNDROP',
])

const copying = new Set(['WITH', 'ALTER', 'CREATE'])

function warnOfCopies({ sink }: CallContext, { query }: TextParams): void {
  const how = copiesRows(query)
  if (how === undefined) return
  const message = `A statement ${how}: only the server knows the rows, so they are not tracked`
  sink.warn('DUSTPAN_SQL_UNATTRIBUTED', how, message)
}

function insertText(context: CallContext, given: TextParams, run: Run): Promise<unknown> | undefined {
  const params = snapshotParams(given)
  const text = parseInsert(params.query)
  if (!text?.table) {
    const what = 'A statement inserts into what is not named as a table, so its rows are not tracked'
    context.sink.warn('DUSTPAN_SQL_UNATTRIBUTED', 'INSERT', what)
    return undefined
  }
  return capturedInsert<TextParams>({
    ...context,
    ...{ params, run, table: text.table, settings: text.settings },
    plan: (table) => planText(params, text, table, context.session),
  })
}

/** Plans an insert whose rows are in the statement, as VALUES or JSON. */
function planText(
  params: TextParams,
  text: InsertText,
  table: Table,
  session: ClientSession,
): InsertPlan<TextParams> | undefined {
  const hasStream = 'values' in params && params.values !== undefined
  const rows = hasStream ? undefined : rowsIn(text, params)
  if (!rows) return undefined
  const columns = columnsOf({ ...(text.columns ? { columns: text.columns } : {}) }, table)
  const keys = new RowKeys(table, session.hasOwnZone({ ...params.clickhouse_settings, ...text.settings }))
  for (const row of rows) {
    keys.add((column) => (Array.isArray(row) ? row[columns.indexOf(column)] : (row as Record<string, unknown>)[column]))
  }
  return { params, keys, marked: () => undefined, ahead: true }
}

function rowsIn({ rest }: InsertText, { query_params }: TextParams): readonly unknown[] | undefined {
  const values = /^(?:FORMAT\s+)?VALUES\b/i.exec(rest)
  if (values) return parseRows(rest.slice(values[0].length), query_params)
  const json = /^FORMAT\s+JSON(?:Compact)?EachRow\s+/i.exec(rest)
  return json ? jsonLines(rest.slice(json[0].length)) : undefined
}

function jsonLines(text: string): readonly unknown[] | undefined {
  try {
    return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line) as unknown]))
  } catch {
    return undefined
  }
}

const keepsTables: ReadonlySet<string | undefined> = new Set(['DELETE', 'TRUNCATE', 'OPTIMIZE'])

async function tableText(context: CallContext, params: TextParams, run: Run): Promise<unknown> {
  const { session, sink } = context
  const mutation = mutationIn(params.query)
  const statement = removalIn(params.query)
  const done = statement && (await unlessAborted(noteRemovedBy(context, statement, params), params.abort_signal))
  const sent = mutation ? trackMutation(context, params, mutation, () => run(params)) : run(params)
  const result = await sent.catch((error: unknown) => {
    if (!isRefused(error)) done?.()
    throw error
  })
  done?.()
  if (!keepsTables.has(firstWord(params.query))) session.forget()
  if (/^\s*(?:RENAME|EXCHANGE)\b/i.test(params.query)) session.noteRename()
  const emptied = emptiedTable(params.query)
  const found = emptied === undefined ? undefined : await session.storeOf(emptied).catch(() => undefined)
  // If the name was given to another table, the recorded rows may exist under a new name.
  if (found && !session.hasRenamed) sink.gone({ id: found.store }, found.name, 'all')
  return result
}

const emptying =
  /^\s*(?:TRUNCATE|DROP)\s+(?:TABLE\s+)?(?:IF\s+EXISTS\s+)?((?:`[^`]+`|"[^"]+"|[A-Za-z_][\w$]*)(?:\s*\.\s*(?:`[^`]+`|"[^"]+"|[A-Za-z_][\w$]*))?)/i

/** The table that a statement empties; undefined if it empties none, or several. */
function emptiedTable(sql: string): string | undefined {
  if (/^\s*(?:TRUNCATE|DROP)\s+(?:ALL|DATABASE|VIEW|DICTIONARY|FUNCTION|USER|ROLE|TABLES|TEMPORARY)\b/i.test(sql))
    return undefined
  return emptying.exec(sql)?.[1]
}
