/** `dustpan db status`: shows which tables are logged, and log lines that are not collected yet. */
import {
  type ApplicationLogStatus,
  applicationLogs,
  type Cell,
  type ConfiguredLog,
  columns,
  inColour,
  type LoggedTable,
  oneLine,
} from '@dustpan/core/ledger'
import kleur from 'kleur'
import type { DbOptions } from '../commands/db.ts'
import type { Call } from '../commands.ts'
import { counted } from '../counted.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { settingsFor } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

interface LogStatus {
  readonly log: ConfiguredLog
  readonly status: ApplicationLogStatus
}

export async function showLogs(call: Call<DbOptions>): Promise<ExitCode> {
  const { options, terminal } = call
  const logs = await applicationLogs(await settingsFor(call), options.store)
  const statuses: LogStatus[] = []
  for (const log of logs) statuses.push({ log, status: await log.status(options.table) })
  if (options.json) terminal.write(`${JSON.stringify({ stores: statuses.map(asJson) }, null, 2)}\n`)
  else for (const entry of statuses) terminal.write(statusText(entry, terminal))
  return statuses.every(({ status }) => status.state === 'installed') ? exitCode.done : exitCode.left
}

const asJson = ({ log, status }: LogStatus) => ({ driver: log.driver, store: log.store, ...status })

const stateText = {
  installed: 'installed',
  missing: 'not installed: run `dustpan db install`',
  stale: 'out of date: run `dustpan db install`',
} as const

function statusText({ log, status }: LogStatus, { colour, width }: Terminal): string {
  return inColour(colour, () => {
    const paint = status.state === 'installed' ? kleur.green : kleur.yellow
    const head = `${kleur.bold(oneLine(`${log.driver} ${log.store}`))}  ${paint(stateText[status.state])}`
    const tables = status.state === 'missing' ? [] : columns(status.tables.map(tableRow), { width, indent: '  ' })
    const waiting = status.waiting.map(
      ({ run, lines, since }) =>
        `  ${counted(lines, 'line')} ${run === undefined ? 'without a run' : `of run ${oneLine(run)}`} not collected yet, since ${since}`,
    )
    return `${[head, ...tables, ...waiting].join('\n')}\n`
  })
}

const tableRow = ({ table, state, why = '' }: LoggedTable): readonly Cell[] => [
  { text: oneLine(table), whole: true },
  { text: state === 'left' ? 'left out' : state, whole: true },
  { text: oneLine(why) },
]
