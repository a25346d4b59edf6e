import { type AuditEntry, readWholeAudit } from '@dustpan/core/ledger'
import { auditText } from '../audit/audit-text.ts'
import type { Call, DefineCommand } from '../commands.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { examples, pointInTime } from '../options.ts'
import { settingsForReading } from '../settings.ts'

interface AuditOptions {
  readonly since?: number
}

export const defineAudit: DefineCommand = (program, act) => {
  program
    .command('audit')
    .summary('what was removed, reset and refused, when and by whom')
    .description('Tells every removal, reset and refusal: when, by whom, where and with which result. Oldest first.')
    .option('--since <time>', 'only from then on: 24h, 7d, 2026-11-21', pointInTime)
    .addHelpText(
      'after',
      examples([
        ['All of it', 'dustpan audit'],
        ['Of the last day', 'dustpan audit --since 24h'],
        ['Every line with its keys, for programs', 'dustpan audit --json'],
      ]),
    )
    .action(act<AuditOptions>(audit))
}

async function audit(call: Call<AuditOptions>): Promise<ExitCode> {
  const { options, terminal } = call
  const { dir } = await settingsForReading(call)
  const { entries, torn } = readWholeAudit(dir)
  const wanted = entries.filter(({ at }) => options.since === undefined || Date.parse(at) >= options.since)
  terminal.write(options.json ? json(wanted) : auditText(wanted, terminal))
  if (torn > 0) terminal.complain(`${torn} ${torn === 1 ? 'line' : 'lines'} of the audit log could not be read.\n`)
  return exitCode.done
}

const json = (entries: readonly AuditEntry[]): string => `${JSON.stringify(entries, null, 2)}\n`
