import type { DefineCommand } from '../commands.ts'
import { examples } from '../options.ts'
import { chosenOptions, type PlanOptions, planOptions } from '../plan-options.ts'
import { release } from '../release/release.ts'
import type { Filters } from '../select.ts'
import { withSharedRuns } from '../shared-runs.ts'

export interface ReleaseOptions extends PlanOptions, Pick<Filters, 'id' | 'type' | 'test'> {}

export const defineRelease: DefineCommand = (program, act) => {
  const command = program
    .command('release')
    .summary('mark kept resources for removal')
    .description(
      'Marks what a run kept, and its persistent resources, for removal: by the next dustpan clean or orphans, or at the start of the next run (atStart.leftovers). Touches no store. Shows first what would be released.',
    )
    .argument('<run>', 'run id, the start of one, or latest')
  chosenOptions(planOptions(command))
    .addHelpText(
      'after',
      examples([
        ['Everything the newest run kept: show it, and ask', 'dustpan release latest'],
        ['What one test kept', 'dustpan release latest --test "adds an item"'],
        ['One persistent resource', 'dustpan release 20261121-0512 --id k3f9x2-4.0 --yes'],
      ]),
    )
    .action(act<ReleaseOptions>(withSharedRuns(release)))
}
