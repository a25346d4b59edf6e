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
    .summary('keep no more what a run kept: whoever cleans up next removes it')
    .description(
      'Gives up what a run kept, and what is persistent: it is due from then on, and goes with the next dustpan clean or orphans, or at the start of the next run (atStart.leftovers). Nothing is touched in any store. What would be released is shown first.',
    )
    .argument('<run>', 'an id, the beginning of one, or latest')
  chosenOptions(planOptions(command))
    .addHelpText(
      'after',
      examples([
        ['All that the newest run kept: shows it, and asks', 'dustpan release latest'],
        ['What one test kept', 'dustpan release latest --test "adds an item"'],
        ['One of the persistent things', 'dustpan release 20261121-0512 --id k3f9x2-4.0 --yes'],
      ]),
    )
    .action(act<ReleaseOptions>(withSharedRuns(release)))
}
