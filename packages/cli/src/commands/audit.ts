import { type AuditEntry, readWholeAudit } from '@dustpan/core/ledger'
import { auditText } from '../audit/audit-text.ts'
import type { Call, DefineCommand } from '../commands.ts'
import { counted } from '../counted.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { examples, pointInTime } from '../options.ts'
import { settingsForReading } from '../settings.ts'

interface AuditOptions {
  readonly since?: number
}

export const defineAudit: DefineCommand = (program, act) => {
  program
    .command('audit')
    .summary('show what was removed, reset or refused')
    .description('Lists every removal, reset and refusal, oldest first: when, by whom, where, and its result.')
    .option('--since <time>', 'only since then: 24h, 7d, 2026-11-21', pointInTime)
    .addHelpText(
      'after',
      examples([
        ['All entries', 'dustpan audit'],
        ['The last day', 'dustpan audit --since 24h'],
        ['Every entry with its keys, for programs', 'dustpan audit --json'],
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
  if (torn > 0) terminal.writeError(`${counted(torn, 'line')} of the audit log could not be read.\n`)
  return exitCode.done
}

const json = (entries: readonly AuditEntry[]): string => `${JSON.stringify(entries, null, 2)}\n`
