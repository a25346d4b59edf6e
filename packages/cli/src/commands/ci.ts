import type { Command } from 'commander'
import { ciClean } from '../ci/clean.ts'
import { ciPrepare } from '../ci/prepare.ts'
import type { Act, DefineCommand } from '../commands.ts'
import { durationOption, examples } from '../options.ts'
import { withSharedRuns } from '../shared-runs.ts'

export interface CiOptions {
  readonly build?: string
}

export interface CiPrepareOptions extends CiOptions {
  /** A file that GitLab passes on as a dotenv report. */
  readonly dotenv?: string
  /** False with `--no-record`: the other jobs get the ledger some other way. */
  readonly record: boolean
  /** In milliseconds. */
  readonly keepFor: number
  /** In milliseconds. */
  readonly grace: number
}

export interface CiCleanOptions extends CiOptions {
  readonly record?: string
  /** Treats unfinished runs of the build on other machines as dead. */
  readonly over?: true
  readonly dryRun?: true
}

export const defineCi: DefineCommand = (program, act) => {
  const ci = program
    .command('ci')
    .summary('prepare and clean up test data of a CI build')
    .description('Prepares test data in one job of a CI build, for its test jobs, and removes it in another.')
  definePrepare(ci, act)
  defineClean(ci, act)
}

function definePrepare(ci: Command, act: Act): void {
  buildOption(ci.command('prepare'))
    .summary('create test data for the test jobs')
    .description(
      'Runs the module that `prepare` in the configuration names. Its default export gets { build, testId, environment }; what it creates is recorded and stays until `dustpan ci clean`. What it returns ({ userId: 7 }) is passed to the other jobs with TEST_ID, TEST_BUILD_ID and DUSTPAN_RECORD: in the file of --dotenv, as step outputs on GitHub, otherwise on standard output. If it fails, what it created is removed.',
    )
    .option('--dotenv <file>', 'write the outputs to this file, for GitLab: artifacts:reports:dotenv')
    .option('--no-record', 'do not pass the record on: the cleaning job has the ledger')
    .addOption(
      durationOption('--keep-for <duration>', 'due for removal after this long, even without `ci clean`', '24h'),
    )
    .addOption(durationOption('--grace <duration>', 'how long the module may take to exit after Ctrl-C', '5s'))
    .addHelpText(
      'after',
      examples([
        ['In a GitHub Actions step with an id', 'dustpan ci prepare'],
        ['In a GitLab CI job', 'dustpan ci prepare --dotenv ci.env'],
        ['Anywhere else', 'dustpan ci prepare --build nightly-7 > ci.env'],
      ]),
    )
    .action(act<CiPrepareOptions>(withSharedRuns(ciPrepare)))
}

function defineClean(ci: Command, act: Act): void {
  buildOption(ci.command('clean'))
    .summary('remove what a build left')
    .description(
      'Removes what was prepared for a build and what its test runs left, kept resources included, without asking. Finds them in the ledger and in the record passed on by the preparing job (DUSTPAN_RECORD).',
    )
    .option('--record <text>', 'the record, instead of DUSTPAN_RECORD')
    .option('--over', 'all other jobs of the build have finished: treat unfinished runs on other machines as dead')
    .option('--dry-run', 'only show the plan')
    .addHelpText(
      'after',
      examples([
        ['In the last job, with DUSTPAN_RECORD and TEST_ID of the preparing job', 'dustpan ci clean --over'],
        ['A build by id', 'dustpan ci clean --build nightly-7'],
        ['Show what would be removed', 'dustpan ci clean --build nightly-7 --dry-run'],
      ]),
    )
    .action(act<CiCleanOptions>(withSharedRuns(ciClean)))
}

const buildOption = (command: Command): Command =>
  command.option('--build <id>', "build id (default: DUSTPAN_BUILD_ID, TEST_BUILD_ID, or the CI system's own)")
