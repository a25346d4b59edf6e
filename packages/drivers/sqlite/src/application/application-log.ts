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
import { installStatements, logStateOf, tableStates, uninstallStatements, type Wanted } from './installation.ts'
import { whenFree, writing } from './patience.ts'
import { unnamedRows } from './unattributed.ts'

/** Puts the log into the user's file, and takes it out. */
export function applicationLog(path: string, open: () => Promise<OpenStore>, wanted: Wanted): ApplicationLog {
  const withTables = (tables: readonly string[] | undefined): Wanted =>
    tables === undefined ? wanted : { ...wanted, tables }
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

function statusOf(client: Client, wanted: Wanted): ApplicationLogStatus {
  const found = inspect(client)
  const tables = tableStates(found, wanted)
  const state = logStateOf(found, tables)
  return { state, tables, waiting: isInstalled(client) ? waiting(client) : [] }
}

function planOf(
  client: Client,
  act: 'install' | 'uninstall',
  tables: readonly string[] | undefined,
  wanted: Wanted,
): ApplicationLogPlan {
  const found = inspect(client)
  if (act === 'uninstall')
    return { statements: uninstallStatements(found, tables === undefined ? {} : { tables }), left: [] }
  const left = tableStates(found, wanted).filter(({ state }) => state === 'left')
  return { statements: installStatements(found, wanted), left }
}

/** What named no run waits only as a row that is there: a change without a name is never taken back, and Dustpan's own removals are in no log. */
function waiting(client: Client): ApplicationLogStatus['waiting'] {
  const sql = `SELECT run, count(*) AS lines, min(at) AS since FROM main.dustpan_log l WHERE NOT l.settled AND run <> '' GROUP BY run ORDER BY min(at) LIMIT 100`
  const named = client
    .all(sql)
    .map(({ run, lines, since }) => ({ run: String(run), lines: Number(lines), since: clock.iso(Number(since)) }))
  const rows = unnamedRows(client).flatMap(({ rows }) => rows)
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
