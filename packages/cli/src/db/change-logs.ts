/** `dustpan db install|uninstall`: plan → ask → apply. */
import {
  type ApplicationLogPlan,
  applicationLogs,
  type ConfiguredLog,
  inColour,
  type LoggedTable,
  manyLines,
  oneLine,
} from '@dustpan/core/ledger'
import kleur from 'kleur'
import type { DbOptions } from '../commands/db.ts'
import type { Call } from '../commands.ts'
import { type Confirmation, confirm } from '../confirm.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { settingsFor } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

interface Planned {
  readonly log: ConfiguredLog
  readonly plan: ApplicationLogPlan
  /** Runs whose logged rows would be lost. */
  readonly lost: readonly string[]
}

export async function changeLogs(call: Call<DbOptions>): Promise<ExitCode> {
  const { argument, options, terminal } = call
  const logs = await applicationLogs(await settingsFor(call), options.store)
  const planned: Planned[] = []
  for (const log of logs) {
    const plan = await log.plan(argument as 'install', options.table)
    planned.push({ log, plan, lost: plan.statements.some(dropsLines) ? await waitingRuns(log) : [] })
  }
  const due = planned.filter(({ plan }) => plan.statements.length > 0)
  if (!options.json) for (const one of planned) terminal.write(planText(one, terminal))
  const goes = due.length > 0 && !options.dryRun && (await confirm(call, changing))
  if (goes) for (const { log, plan } of due) await log.apply(plan)
  tellOutcome(call, planned, goes)
  return due.length === 0 || options.dryRun || goes ? exitCode.done : exitCode.left
}

const dropsLines = (statement: string): boolean => /^DROP TABLE /.test(statement)

async function waitingRuns(log: ConfiguredLog): Promise<readonly string[]> {
  const { waiting } = await log.status([])
  return waiting.flatMap(({ run }) => run ?? [])
}

function planText({ log, plan, lost }: Planned, { colour }: Terminal): string {
  return inColour(colour, () => {
    const head = kleur.bold(oneLine(`${log.driver} ${log.store}`))
    const sql = plan.statements.map((statement) => `${manyLines(statement)};`)
    const body = sql.length === 0 ? ['Nothing to do.'] : sql
    return [head, '', ...body, ...leftLines(plan.left), ...lostLines(lost), ''].join('\n')
  })
}

function leftLines(left: readonly LoggedTable[]): readonly string[] {
  if (left.length === 0) return []
  const lines = left.map(
    ({ table, why = '', code }) => `  ${oneLine(`${table}: ${why}`)}${code === undefined ? '' : ` (${code})`}`,
  )
  return ['', kleur.yellow('Left out; their rows are not tracked:'), ...lines]
}

function lostLines(lost: readonly string[]): readonly string[] {
  if (lost.length === 0) return []
  const lines = lost.map((run) => `  ${oneLine(run)}: run \`dustpan clean ${oneLine(run)}\` first`)
  return ['', kleur.yellow('The log of what the application wrote in these runs would be lost:'), ...lines]
}

const changing: Confirmation = {
  question: 'Apply these changes? [y/N]',
  act: 'apply them',
  untouched: 'Nothing was changed',
}

function tellOutcome(
  { options, terminal, argument }: Call<DbOptions>,
  planned: readonly Planned[],
  done: boolean,
): void {
  if (options.json) {
    const stores = planned.map(({ log, plan, lost }) => ({
      driver: log.driver,
      store: log.store,
      ...plan,
      lost,
      done: done && plan.statements.length > 0,
    }))
    terminal.write(`${JSON.stringify({ act: argument, stores }, null, 2)}\n`)
  } else if (done) {
    terminal.write('Done.\n')
  } else if (options.dryRun && planned.some(({ plan }) => plan.statements.length > 0)) {
    terminal.write('Nothing was changed: this is a dry run.\n')
  }
}
