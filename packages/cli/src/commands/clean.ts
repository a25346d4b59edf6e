import { cleanRun } from '../clean/clean-run.ts'
import type { DefineCommand } from '../commands.ts'
import { examples, stateList } from '../options.ts'
import { chosenOptions, type PlanOptions, planOptions } from '../plan-options.ts'
import type { Filters } from '../select.ts'
import { withSharedRuns } from '../shared-runs.ts'

export interface CleanOptions extends PlanOptions, Filters {}

export const defineClean: DefineCommand = (program, act) => {
  const command = program
    .command('clean')
    .summary('remove what a run left')
    .description('Removes what a run left, kept things included: shows the plan, and asks.')
    .argument('[run]', 'an id, the beginning of one, or latest', 'latest')
  chosenOptions(planOptions(command))
    .option('--state <states>', 'only these: kept,failed', stateList)
    .option('--expired', 'only what has outlived its time (expiresIn, cleanup.maxAge)')
    .addHelpText(
      'after',
      examples([
        ['The newest run: shows the plan, and asks', 'dustpan clean'],
        ['The plan alone', 'dustpan clean --dry-run'],
        ['Without asking, for scripts', 'dustpan clean 20261121-0512 --yes'],
        ['Only these two', 'dustpan clean --id k3f9x2-4.0 --id k3f9x2-7.0'],
        ['What one failed test kept', 'dustpan clean --test "adds an item" --state kept'],
      ]),
    )
    .action(act<CleanOptions>(withSharedRuns(cleanRun)))
}
