import {
  type ApplicationLog,
  type ApplicationLogPlan,
  type ApplicationLogStatus,
  type ConnectContext,
  clock,
  DustpanError,
  messageOf,
} from '@dustpan/core/driver'
import type { Client } from '../client.ts'
import type { OpenStore } from '../removal/connection.ts'
import { inspect, isInstalled } from './inspect.ts'
import { installStatements, type LogOptions, logStateOf, tableStates, uninstallStatements } from './installation.ts'
import { unattributedRows } from './unattributed.ts'
import { whenFree, writing } from './when-free.ts'

/** Installs the log in the user's file, and uninstalls it. */
export function applicationLog(path: string, open: () => Promise<OpenStore>, options: LogOptions): ApplicationLog {
  const withTables = (tables: readonly string[] | undefined): LogOptions =>
    tables === undefined ? options : { ...options, tables }
  return {
    store: `sqlite:${path}`,
    status: (tables, ctx) => reading(open, ctx, (client) => statusOf(client, withTables(tables))),
    plan: (act, tables, ctx) => reading(open, ctx, (client) => planOf(client, act, tables, withTables(tables))),
    async apply(plan, { deadline, signal }) {
      const file = await open()
      try {
        await writing(file, deadline, signal, () => {
          for (const statement of plan.statements) file.client.exec(statement)
        })
      } catch (error) {
        throw refused(error)
      } finally {
        file.close()
      }
    },
  }
}

async function reading<T>(
  open: () => Promise<OpenStore>,
  { deadline, signal }: ConnectContext,
  read: (client: Client) => T,
): Promise<T> {
  const file = await open()
  try {
    return await whenFree(deadline, signal, () => read(file.client))
  } finally {
    file.close()
  }
}

function statusOf(client: Client, options: LogOptions): ApplicationLogStatus {
  const found = inspect(client)
  const tables = tableStates(found, options)
  const state = logStateOf(found, tables)
  return { state, tables, waiting: isInstalled(client) ? waiting(client) : [] }
}

function planOf(
  client: Client,
  act: 'install' | 'uninstall',
  tables: readonly string[] | undefined,
  options: LogOptions,
): ApplicationLogPlan {
  const found = inspect(client)
  if (act === 'uninstall')
    return { statements: uninstallStatements(found, tables === undefined ? {} : { tables }), left: [] }
  const left = tableStates(found, options).filter(({ state }) => state === 'left')
  return { statements: installStatements(found, options), left }
}

/**
 * Unattributed lines count only if their row still exists: unattributed changes are never undone, and Dustpan's own removals are
 * not in the log.
 */
function waiting(client: Client): ApplicationLogStatus['waiting'] {
  const sql = `SELECT run, count(*) AS lines, min(at) AS since FROM main.dustpan_log l WHERE NOT l.settled AND run <> '' GROUP BY run ORDER BY min(at) LIMIT 100`
  const named = client
    .all(sql)
    .map(({ run, lines, since }) => ({ run: String(run), lines: Number(lines), since: clock.iso(Number(since)) }))
  const rows = unattributedRows(client).flatMap(({ rows }) => rows)
  if (rows.length === 0) return named
  return [{ lines: rows.length, since: clock.iso(Math.min(...rows.map(({ at }) => at))) }, ...named]
}

function refused(error: unknown): DustpanError {
  return new DustpanError(
    'DUSTPAN_LOG_MISSING',
    `The log of what the application writes was left as it was, as the database refused: ${messageOf(error)}`,
    {
      hint: 'Nothing was changed. Where somebody is using the file: try again, or stop the application for it.',
      cause: error,
    },
  )
}
