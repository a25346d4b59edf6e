import type { DefineCommand } from '../commands.ts'
import { exitCode } from '../exit-code.ts'
import { examples, pointInTime, wholeNumber } from '../options.ts'
import { cleanOrphans } from '../orphans/clean-orphans.ts'
import { withSharedRuns } from '../shared-runs.ts'

export interface OrphansOptions {
  /** In milliseconds since the epoch. */
  readonly olderThan?: number
  readonly failOver?: number
  readonly yes?: true
  readonly execute?: true
  readonly dryRun?: true
}

export const defineOrphans: DefineCommand = (program, act) => {
  program
    .command('orphans')
    .summary('what dead runs left, and what could not be removed')
    .description(
      'Lists what runs have left whose processes are dead, or whose cleanup failed, and what was kept and is to be no more: its time is over (keepFor, expiresIn, maxAge), or it was released. Asks, and removes it as the policy says. What is still kept on purpose is no orphan.',
    )
    .option('--older-than <age>', 'only of runs last heard of before: 7d, 12h, 2026-11-21', pointInTime)
    .option(
      '--fail-over <number>',
      'exit code 1 where there are more than so many, whatever becomes of them',
      wholeNumber,
    )
    .option('-y, --yes', 'do not ask')
    .option('--execute', 'the same as --yes')
    .option('--dry-run', 'stop at the list')
    .addHelpText(
      'after',
      examples([
        ['What is there: lists, and asks', 'dustpan orphans'],
        ['The list alone, for a dashboard', 'dustpan orphans --dry-run --json'],
        ['Every night, what is a week old', 'dustpan orphans --older-than 7d --execute'],
        [
          'The same, and a failed job where there are more than a hundred',
          'dustpan orphans --older-than 7d --execute --fail-over 100',
        ],
      ]),
    )
    .action(act<OrphansOptions>(withSharedRuns(cleanOrphans, { away: atLeastLeft })))
}

/** A nightly job is to notice that it did not see the orphans of other machines. */
const atLeastLeft = (code: number): number => Math.max(code, exitCode.left)
