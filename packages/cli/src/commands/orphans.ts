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
    .summary('remove what dead runs and failed cleanups left')
    .description(
      'Lists what dead runs and failed cleanups left, and kept resources that no longer need keeping: they expired (keepFor, expiresIn, maxAge) or were released. Asks, and removes them as the policy says. Resources still kept on purpose are not orphans.',
    )
    .option('--older-than <age>', 'only runs last seen before then: 7d, 12h, 2026-11-21', pointInTime)
    .option('--fail-over <number>', 'exit with 1 if there are more than this many orphans, removed or not', wholeNumber)
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--execute', 'same as --yes')
    .option('--dry-run', 'only show the list')
    .addHelpText(
      'after',
      examples([
        ['List orphans, and ask', 'dustpan orphans'],
        ['Only the list, for a dashboard', 'dustpan orphans --dry-run --json'],
        ['Every night, orphans older than a week', 'dustpan orphans --older-than 7d --execute'],
        [
          'The same, failing the job if there are more than 100',
          'dustpan orphans --older-than 7d --execute --fail-over 100',
        ],
      ]),
    )
    .action(act<OrphansOptions>(withSharedRuns(cleanOrphans, { away: atLeastLeft })))
}

/** A nightly job must notice that it did not see the orphans of other machines. */
const atLeastLeft = (code: number): number => Math.max(code, exitCode.left)
