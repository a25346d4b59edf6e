import type { ApplicationLog, ApplicationLogPlan, ApplicationLogStatus, ConnectContext } from '@dustpan/core/driver'
import { DustpanError, messageOf } from '@dustpan/core/driver'
import type { OwnClient } from '../removal/own-client.ts'
import { begin, commit, rollback } from '../removal/transaction.ts'
import { inspect } from './inspect.ts'
import { installStatements, logStateOf, tableStates, uninstallStatements, type Wanted } from './installation.ts'

/** Puts the log into the user's database, and takes it out. */
export function applicationLog(
  store: string,
  connect: (ctx: ConnectContext) => Promise<OwnClient>,
  wanted: Wanted,
): ApplicationLog {
  const withTables = (tables: readonly string[] | undefined): Wanted =>
    tables === undefined ? wanted : { ...wanted, tables }
  return {
    store,
    async status(tables, ctx) {
      await using client = await connect(ctx)
      const found = await inspect(client, ctx.signal)
      const states = tableStates(found, withTables(tables))
      const state = logStateOf(found, states)
      return { state, tables: states, waiting: state === 'missing' ? [] : await waiting(client, ctx.signal) }
    },
    async plan(act, tables, ctx) {
      await using client = await connect(ctx)
      const found = await inspect(client, ctx.signal)
      if (act === 'uninstall')
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

/** Somebody's DDL may hold a table: no statement waits longer than two seconds for it, and then nothing was changed. */
async function apply(client: OwnClient, { statements }: ApplicationLogPlan, signal: AbortSignal): Promise<void> {
  try {
    await client.run([begin, ...statements.map((text) => ({ text, values: [] })), commit], signal)
  } catch (error) {
    await client.run([rollback], signal).catch(() => {})
    throw new DustpanError(
      'DUSTPAN_LOG_MISSING',
      `The log of what the application writes was left as it was, as the database refused: ${messageOf(error)}`,
      { hint: hints[(error as { code?: string }).code ?? ''] ?? 'Nothing was changed.', cause: error },
    )
  }
}

const hints: Readonly<Record<string, string>> = {
  '55P03': 'Somebody is using a table at the moment. Nothing was changed: try again, or stop the application for it.',
  '42501':
    'The role of the url needs CREATE on the database, and has to own the tables (or have TRIGGER on them). Nothing was changed.',
}

async function waiting(client: OwnClient, signal: AbortSignal): Promise<ApplicationLogStatus['waiting']> {
  const sql = `SELECT json_build_array(run, count(*), min(at)) FROM dustpan.log WHERE NOT settled GROUP BY run ORDER BY min(at) LIMIT 100`
  const rows = await client.rows(sql, [], signal)
  return rows.map(([text]) => {
    const [run, lines, since] = JSON.parse(text ?? 'null') as [string, number, string]
    return { ...(run === '' ? {} : { run }), lines, since }
  })
}
