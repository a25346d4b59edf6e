import { InvalidArgumentError } from 'commander'
import type { Call, DefineCommand } from '../commands.ts'
import { changeLogs } from '../db/change-logs.ts'
import { printMigration } from '../db/print-migration.ts'
import { showLogs } from '../db/show-logs.ts'
import type { ExitCode } from '../exit-code.ts'
import { examples } from '../options.ts'

export interface DbOptions {
  readonly store?: string
  readonly table?: readonly string[]
  readonly yes?: true
  readonly execute?: true
  readonly dryRun?: true
}

const acts = ['install', 'uninstall', 'status', 'migration']

export const defineDb: DefineCommand = (program, act) => {
  program
    .command('db')
    .summary('manage triggers that log application writes')
    .description(
      'Installs or removes triggers that log which rows the application under test writes, shows their status, or prints a migration. Shows the plan first.',
    )
    .argument('<action>', acts.join(', '), oneOf)
    .option('--store <name>', 'only this driver')
    .option('--table <name>', 'only this table; repeatable', repeated)
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--execute', 'same as --yes')
    .option('--dry-run', 'only show the plan, with the SQL')
    .addHelpText(
      'after',
      examples([
        ['Show what changes in each table, and ask', 'dustpan db install'],
        ['Only show it, with the SQL', 'dustpan db install --store main --dry-run'],
        ['Which tables are logged, and log lines not yet collected', 'dustpan db status'],
        ['SQL for columns that mark rows created by tests', 'dustpan db migration --table users'],
        ['Remove everything again', 'dustpan db uninstall --yes'],
      ]),
    )
    .action(act<DbOptions>(carryOut))
}

function carryOut(call: Call<DbOptions>): Promise<ExitCode> {
  if (call.argument === 'migration') return printMigration(call)
  return call.argument === 'status' ? showLogs(call) : changeLogs(call)
}

function oneOf(value: string): string {
  if (acts.includes(value)) return value
  throw new InvalidArgumentError(`Expected one of ${acts.join(', ')}.`)
}

/** Not split at commas, which a table's name may contain. */
const repeated = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
