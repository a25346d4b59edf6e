import { cleanRun } from '../clean/clean-run.ts'
import type { DefineCommand } from '../commands.ts'
import { examples, list, stateList } from '../options.ts'
import type { Filters } from '../select.ts'

export interface CleanOptions extends Filters {
  readonly yes?: true
  readonly execute?: true
  readonly dryRun?: true
}

export const defineClean: DefineCommand = (program, act) => {
  program
    .command('clean')
    .summary('remove what a run left')
    .description('Removes what a run left, kept things included: shows the plan, and asks.')
    .argument('[run]', 'an id, the beginning of one, or latest', 'latest')
    .option('-y, --yes', 'do not ask')
    .option('--execute', 'the same as --yes')
    .option('--dry-run', 'stop at the plan')
    .option('--id <id>', 'only this resource; may be repeated', list)
    .option('--type <type>', 'only this type; may be repeated', list)
    .option('--test <text>', 'only of tests whose file or titles contain this')
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
    .action(act<CleanOptions>(cleanRun))
}
