import type { ApplicationLog, ApplicationLogPlan, ApplicationLogStatus, ConnectContext } from '@dustpan/core/driver'
import { clock, DustpanError, messageOf } from '@dustpan/core/driver'
import type { Sql } from '../removal/exchange.ts'
import { isLockTimeout } from '../removal/outcomes.ts'
import type { OwnClient } from '../removal/own-client.ts'
import { begin, commit, rollback } from '../removal/transaction.ts'
import { inspect } from './inspect.ts'
import { installStatements, type LogOptions, logStateOf, tableStates, uninstallStatements } from './installation.ts'
import { silence } from './log-lines.ts'
import { unnamedRows } from './unnamed-rows.ts'

/** Installs the log in the user's database, and uninstalls it. */
export function applicationLog(
  store: string,
  connect: (ctx: ConnectContext) => Promise<OwnClient>,
  options: LogOptions,
): ApplicationLog {
  const withTables = (tables: readonly string[] | undefined): LogOptions =>
    tables === undefined ? options : { ...options, tables }
  return {
    store,
    async status(tables, ctx) {
      await using client = await connect(ctx)
      const found = await inspect(client, ctx.signal)
      const states = tableStates(found, withTables(tables))
      const state = logStateOf(found, states)
      return { state, tables: states, waiting: state === 'missing' ? [] : await waiting(client, ctx.signal) }
    },
    async plan(action, tables, ctx) {
      await using client = await connect(ctx)
      const found = await inspect(client, ctx.signal)
      if (action === 'uninstall')
        return { statements: uninstallStatements(found, tables === undefined ? {} : { tables }), left: [] }
      const states = tableStates(found, withTables(tables))
      return {
        statements: installStatements(found, withTables(tables)),
        left: states.filter(({ state, why }) => state === 'left' || (state === 'stale' && why?.includes('partition'))),
      }
    },
    async apply(plan, ctx) {
      await using client = await connect(ctx)
      await apply(client, plan, ctx.signal)
    },
  }
}

/** How long the installation is retried while tables are in use. */
const retryForMs = 3_000
const pauseMs = 50

/**
 * All tables at once, while the application is running. A statement that waits for a lock holds others, and the application
 * waits behind it; after a second PostgreSQL looks for deadlocks, and would abort the longest waiter. So the whole must be
 * done long before, or be given up and retried.
 */
const shortLockTimeout = { text: `SET LOCAL lock_timeout TO '20ms'`, values: [] }

async function apply(client: OwnClient, { statements }: ApplicationLogPlan, signal: AbortSignal): Promise<void> {
  const all = [begin, shortLockTimeout, ...statements.map((text) => ({ text, values: [] })), commit]
  for (const begun = clock.now(); ; await clock.sleep(pauseMs, signal)) {
    const error = await failureOf(client, all, signal)
    if (error === undefined) return
    if (isLockTimeout(error) && clock.now() < begun + retryForMs) continue
    throw new DustpanError(
      'DUSTPAN_LOG_MISSING',
      `The log of what the application writes was left as it was, as the database refused: ${messageOf(error)}`,
      { hint: hints[(error as { code?: string }).code ?? ''] ?? 'Nothing was changed.', cause: error },
    )
  }
}

/** Undefined on success. */
async function failureOf(client: OwnClient, all: readonly Sql[], signal: AbortSignal): Promise<unknown> {
  try {
    await client.run(all, signal)
    return undefined
  } catch (error) {
    await client.run([rollback], signal).catch(() => {})
    return error
  }
}

const hints: Readonly<Record<string, string>> = {
  '55P03': 'Somebody is using a table at the moment. Nothing was changed: try again, or stop the application for it.',
  '42501':
    'The role of the url needs CREATE on the database, and has to own the tables, or to have TRIGGER on them; a single table’s trigger is taken away by its owner. Nothing was changed.',
}

type Waiting = ApplicationLogStatus['waiting'][number]

/**
 * Lines without a run count only while their row exists: a change without a name is never undone, and Dustpan's own
 * removals are not logged.
 */
async function waiting(client: OwnClient, signal: AbortSignal): Promise<readonly Waiting[]> {
  const sql = `SELECT json_build_array(run, count(*), min(at), EXISTS (SELECT FROM dustpan.writer w
      WHERE w.run = l.run AND w.ended IS NULL AND w.seen > clock_timestamp() - ${silence}))
    FROM dustpan.log l WHERE NOT l.settled AND l.run <> '' GROUP BY run ORDER BY min(at) LIMIT 100`
  const named = (await client.rows(sql, [], signal)).map(([text]): Waiting => {
    const [run, lines, since, atWork] = JSON.parse(text ?? 'null') as [string, number, string, boolean]
    return { run, lines, since, ...(atWork ? { atWork } : {}) }
  })
  const unnamed = (await unnamedRows(client, {}, signal)).flatMap(({ rows }) => rows.map(({ at }) => at))
  const [since] = unnamed.sort()
  return since === undefined ? named : [{ lines: unnamed.length, since }, ...named]
}
