import { cleanAll } from '../clean/clean-all.ts'
import { cleanRun } from '../clean/clean-run.ts'
import type { DefineCommand } from '../commands.ts'
import { examples, stateList } from '../options.ts'
import { chosenOptions, type PlanOptions, planOptions } from '../plan-options.ts'
import type { Filters } from '../select.ts'
import { withSharedRuns } from '../shared-runs.ts'

export interface CleanOptions extends PlanOptions, Filters {
  /** Cleans every finished run. */
  readonly all?: true
}

export const defineClean: DefineCommand = (program, act) => {
  const command = program
    .command('clean')
    .summary('remove what a run left')
    .description('Removes what a run left, kept resources included. Shows the plan, and asks.')
    .argument('[run]', 'run id, the start of one, or latest (default: latest)')
  chosenOptions(planOptions(command))
    .option('--all', 'every finished run of this machine in the ledger')
    .option('--state <states>', 'only these states: kept,failed', stateList)
    .option('--expired', 'only expired resources (expiresIn, cleanup.maxAge)')
    .addHelpText(
      'after',
      examples([
        ['The newest run: show the plan, and ask', 'dustpan clean'],
        ['Only the plan', 'dustpan clean --dry-run'],
        ['Without asking, for scripts', 'dustpan clean 20261121-0512 --yes'],
        ['Everything that earlier runs kept', 'dustpan clean --all'],
        ['Only these two resources', 'dustpan clean --id k3f9x2-4.0 --id k3f9x2-7.0'],
        ['What one failed test kept', 'dustpan clean --test "adds an item" --state kept'],
      ]),
    )
    .action(act<CleanOptions>(withSharedRuns((call) => (call.options.all ? cleanAll(call) : cleanRun(call)))))
}
