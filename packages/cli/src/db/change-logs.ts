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
import { changeLines, dropsTable, type LogAct, type LogChange, logChanges } from './log-changes.ts'

interface Planned {
  readonly log: ConfiguredLog
  readonly plan: ApplicationLogPlan
  readonly changes: readonly LogChange[]
  /** Runs whose logged rows would be lost. */
  readonly lost: readonly string[]
}

export async function changeLogs(call: Call<DbOptions>): Promise<ExitCode> {
  const { options, terminal } = call
  const act = call.argument as LogAct
  const logs = await applicationLogs(await settingsFor(call), options.store)
  const planned: Planned[] = []
  for (const log of logs) {
    const plan = await log.plan(act, options.table)
    const changes = logChanges(act, plan, await statusOf(log, options.table))
    planned.push({ log, plan, changes, lost: plan.statements.some(dropsTable) ? await waitingRuns(log) : [] })
  }
  const due = planned.filter(({ plan }) => plan.statements.length > 0)
  if (!options.json) for (const entry of planned) terminal.write(planText(entry, call))
  const isConfirmed = due.length > 0 && !options.dryRun && (await confirm(call, changing))
  if (isConfirmed) for (const { log, plan } of due) await log.apply(plan)
  printOutcome(call, planned, isConfirmed)
  return due.length === 0 || options.dryRun || isConfirmed ? exitCode.done : exitCode.left
}

/** Undefined: a role that may add a trigger may not be allowed to read the log. */
const statusOf = (log: ConfiguredLog, tables: readonly string[] | undefined) =>
  log.status(tables).catch(() => undefined)

async function waitingRuns(log: ConfiguredLog): Promise<readonly string[]> {
  const { waiting } = await log.status([])
  return waiting.flatMap(({ run }) => run ?? [])
}

function planText({ log, plan, changes, lost }: Planned, { argument, options, terminal }: Call<DbOptions>): string {
  return inColour(terminal.colour, () => {
    const head = kleur.bold(oneLine(`${log.driver} ${log.store}`))
    const sql = options.dryRun
      ? plan.statements.map((statement) => `${manyLines(statement)};`)
      : [`\`dustpan db ${argument} --dry-run\` shows the SQL.`]
    const body = plan.statements.length === 0 ? ['Nothing to do.'] : [...changeLines(changes), '', ...sql]
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

function printOutcome(
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
