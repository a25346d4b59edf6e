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
    .summary('bring back what a run removed')
    .description('Brings back what a run removed, from its backups: shows the plan, and asks.')
    .argument('<run>', 'an id, the beginning of one, or latest')
  chosenOptions(planOptions(command))
    .addHelpText(
      'after',
      examples([
        ['All of it that has a backup: shows the plan, and asks', 'dustpan restore latest'],
        ['What one test had made', 'dustpan restore latest --test "adds an item"'],
        ['Only this one, without asking', 'dustpan restore 20261121-0512 --id k3f9x2-4.0 --yes'],
        ['And away again', 'dustpan clean 20261121-0512'],
      ]),
    )
    .action(act<RestoreOptions>(withSharedRuns(restoreRun)))
}
