/** Outcomes of a removal. */
import { DustpanError, isDustpanError, messageOf, type RemovalOutcome } from '@dustpan/core/driver'
import { failedWith, marked } from '@dustpan/core/rows'
import { serverCode } from '../capture/rejection.ts'
import type { Table } from '../sql/table.ts'

export function removed(rows: number, isMarked: boolean): RemovalOutcome {
  return isMarked ? marked : { state: 'removed', result: rowsIn(rows) }
}

/** The mutation is still running. */
export const stillRunning = (afterMs: number): RemovalOutcome => ({ state: 'pending', why: 'job', afterMs })

/** The rows may not be visible yet. */
export const notYetVisible: RemovalOutcome = { state: 'pending', why: 'in-flight', afterMs: 250 }

export const outOfTime: RemovalOutcome = { state: 'pending', why: 'budget', afterMs: 0 }

export function notOurs(table: Table, found: number, recorded: number): RemovalOutcome {
  const message = `${table.name} has ${rowsIn(found)} with this key, and the test inserted ${recorded}: Dustpan cannot tell which are the test’s`
  return unclear(table, message, { found, recorded })
}

/** Whatever the present number: the test's own rows may be the ones that are gone. */
export function notAlone(table: Table, found: number, before: number): RemovalOutcome {
  const message = `${table.name} had ${rowsIn(before)} with this key before the test inserted its own, and has ${found} now: Dustpan cannot tell which are the test’s`
  return unclear(table, message, { found, before })
}

/** All of the rows have the run's id. `isOver`: all records of the run's processes are known. */
export function moreOfRun({ name }: Table, found: number, recorded: number, isOver: boolean): RemovalOutcome {
  const message = `${name} has ${rowsIn(found)} with this key and the run’s id, and ${recorded} on record here`
  if (isOver) {
    const hint = `Look at the rows; nothing was changed. The run inserted the others where Dustpan does not see it (INSERT … SELECT, another client).`
    const error = new DustpanError('DUSTPAN_NOT_OURS', message, { hint })
    return { state: 'refused', why: 'not-ours', detail: { found, recorded }, error }
  }
  const hint = 'Another test of the run inserted the others. Dustpan tries again at the end of the run.'
  return {
    ...{ state: 'pending', why: 'holds-others', afterMs: 0 },
    error: new DustpanError('DUSTPAN_NOT_OURS', message, { hint }),
  }
}

const rowsIn = (count: number): string => (count === 1 ? '1 row' : `${count} rows`)

function unclear({ name }: Table, message: string, detail: { readonly [name: string]: number }): RemovalOutcome {
  const hint = `Look at the rows; nothing was changed. Give each test keys of its own, or add a column test_run_id to ${name} if it has none, and insert with client.insert, which fills it.`
  const error = new DustpanError('DUSTPAN_NOT_OURS', message, { hint })
  return { state: 'refused', why: 'not-ours', detail, error }
}

export function cannotDelete({ name, engine }: Table): RemovalOutcome {
  return failedWith('DUSTPAN_REMOVAL_FAILED', `${name} is of the engine ${engine}, which cannot delete single rows`, {
    hint:
      engine === 'Distributed' || engine === 'Buffer'
        ? 'Delete them in the table behind it: track({ …, remove: { sql: "ALTER TABLE … DELETE WHERE …" } })'
        : 'Let tests have a table of their own, or one of the MergeTree family.',
  })
}

export function stillThere({ name }: Table, rows: number): RemovalOutcome {
  return failedWith('DUSTPAN_STILL_THERE', `${rows} of the rows are still in ${name} after its mutation was done`, {
    passing: true,
  })
}

export function failed(what: string, error: unknown): RemovalOutcome {
  if (isDustpanError(error)) return { state: 'failed', error, retry: false }
  const code = serverCode(error)
  const message = `${what}: ${brief(messageOf(error))}${code === undefined ? '' : ` (code ${code})`}`
  return failedWith('DUSTPAN_REMOVAL_FAILED', message, { cause: error, passing: isTransient(error) })
}

/** Shortened, because a server may repeat the whole statement. */
const brief = (message: string): string => (message.length > maxLength ? `${message.slice(0, maxLength)}…` : message)

const maxLength = 300

/**
 * Whether a retry may help: lost connections, overload, lack of memory, a table that is being changed; not errors in
 * the statement.
 */
function isTransient(error: unknown): boolean {
  const code = serverCode(error)
  return (
    code === undefined ||
    [159, 160, 202, 209, 210, 236, 241, 242, 243, 252, 319, 341, 373, 439, 517, 999].includes(code)
  )
}
