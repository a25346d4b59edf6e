import type { DefineCommand } from '../commands.ts'
import { examples } from '../options.ts'
import { chosenOptions, type PlanOptions, planOptions } from '../plan-options.ts'
import { restoreRun } from '../restore/restore-run.ts'
import type { Filters } from '../select.ts'
import { withSharedRuns } from '../shared-runs.ts'

export interface RestoreOptions extends PlanOptions, Pick<Filters, 'id' | 'type' | 'test'> {}

export const defineRestore: DefineCommand = (program, act) => {
  const command = program
    .command('restore')
    .summary('restore what a run removed')
    .description('Restores what a run removed, from its backups. Shows the plan, and asks.')
    .argument('<run>', 'run id, the start of one, or latest')
  chosenOptions(planOptions(command))
    .addHelpText(
      'after',
      examples([
        ['Everything with a backup: show the plan, and ask', 'dustpan restore latest'],
        ['What one test created', 'dustpan restore latest --test "adds an item"'],
        ['Only this resource, without asking', 'dustpan restore 20261121-0512 --id k3f9x2-4.0 --yes'],
        ['Remove it again', 'dustpan clean 20261121-0512'],
      ]),
    )
    .action(act<RestoreOptions>(withSharedRuns(restoreRun)))
}
