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
    .summary('let a database log what the application writes')
    .description(
      'Puts triggers into a database that log which rows the application under test writes, takes them out again, or shows what is there. The plan is shown first.',
    )
    .argument('<act>', acts.join(', '), oneOf)
    .option('--store <name>', 'only this driver of the configuration')
    .option('--table <name>', 'only this table; may be repeated', repeated)
    .option('-y, --yes', 'do not ask')
    .option('--execute', 'the same as --yes')
    .option('--dry-run', 'stop at the plan')
    .addHelpText(
      'after',
      examples([
        ['Shows the SQL, and asks', 'dustpan db install'],
        ['The SQL alone', 'dustpan db install --store main --dry-run'],
        ['What is logged, and what waits to be collected', 'dustpan db status'],
        ['SQL for columns that mark the rows tests make', 'dustpan db migration --table users'],
        ['Takes everything out again', 'dustpan db uninstall --yes'],
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
  throw new InvalidArgumentError(`It is one of ${acts.join(', ')}.`)
}

/** A table's name may hold a comma. */
const repeated = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
