import type { Command } from 'commander'
import { ciClean } from '../ci/clean.ts'
import { ciPrepare } from '../ci/prepare.ts'
import type { Act, DefineCommand } from '../commands.ts'
import { duration, examples } from '../options.ts'
import { withSharedRuns } from '../shared-runs.ts'

export interface CiOptions {
  readonly build?: string
}

export interface CiPrepareOptions extends CiOptions {
  /** A file that GitLab hands on as a dotenv report. */
  readonly dotenv?: string
  /** `--no-record`: the other jobs see the ledger some other way. */
  readonly record: boolean
  /** In milliseconds. */
  readonly keepFor: number
  /** In milliseconds. */
  readonly grace: number
}

export interface CiCleanOptions extends CiOptions {
  readonly record?: string
  /** Whoever of the build is not on this machine is dead. */
  readonly over?: true
  readonly dryRun?: true
}

export const defineCi: DefineCommand = (program, act) => {
  const ci = program
    .command('ci')
    .summary('test data for all jobs of a CI build: prepare, clean')
    .description('Prepares test data in one job of a CI build, for the jobs that test, and removes it in another.')
  definePrepare(ci, act)
  defineClean(ci, act)
}

function definePrepare(ci: Command, act: Act): void {
  buildOption(ci.command('prepare'))
    .summary('create what the test jobs need')
    .description(
      'Runs the module that `prepare` in the configuration names: its default export gets { build, testId, environment }, and what it creates is on record and stays until `dustpan ci clean`. What it returns ({ userId: 7 }) is handed on to the other jobs, with TEST_ID, TEST_BUILD_ID and DUSTPAN_RECORD: as outputs of the step on GitHub, in the dotenv file of --dotenv, else on standard output. When it fails, what it has created is removed.',
    )
    .option('--dotenv <file>', 'write what is handed on into this file, for GitLab: artifacts:reports:dotenv')
    .option('--no-record', 'do not hand the record on: the cleaning job has the ledger')
    .option('--keep-for <duration>', 'after so long it is due also without `ci clean`', duration, 24 * 3_600_000)
    .option('--grace <duration>', 'how long the module may take to end after Ctrl-C', duration, 5000)
    .addHelpText(
      'after',
      examples([
        ['In a step of GitHub Actions that has an id', 'dustpan ci prepare'],
        ['In a job of GitLab CI', 'dustpan ci prepare --dotenv ci.env'],
        ['Anywhere else', 'dustpan ci prepare --build nightly-7 > ci.env'],
      ]),
    )
    .action(act<CiPrepareOptions>(withSharedRuns(ciPrepare)))
}

function defineClean(ci: Command, act: Act): void {
  buildOption(ci.command('clean'))
    .summary('remove what a build has left')
    .description(
      'Removes what was prepared for a build, and what its test runs have left, kept things included, without asking. It finds them in the ledger and by the record that the preparing job has handed on (DUSTPAN_RECORD). Where there is nothing, or nothing any more, it says so.',
    )
    .option('--record <text>', 'the record, in place of DUSTPAN_RECORD')
    .option('--over', 'all other jobs of the build are over: runs on other machines that have not said so are dead')
    .option('--dry-run', 'stop at the plan')
    .addHelpText(
      'after',
      examples([
        ['In the last job, with DUSTPAN_RECORD and TEST_ID of the preparing one', 'dustpan ci clean --over'],
        ['A build by its name', 'dustpan ci clean --build nightly-7'],
        ['What would go', 'dustpan ci clean --build nightly-7 --dry-run'],
      ]),
    )
    .action(act<CiCleanOptions>(withSharedRuns(ciClean)))
}

const buildOption = (command: Command): Command =>
  command.option('--build <id>', "which build (default: DUSTPAN_BUILD_ID, TEST_BUILD_ID, or the CI system's own)")
