import type { DefineCommand } from '../commands.ts'
import { forget } from '../forget/forget.ts'
import { examples, list, stateList } from '../options.ts'
import type { Filters } from '../select.ts'
import { withSharedRuns } from '../shared-runs.ts'

export interface ForgetOptions extends Pick<Filters, 'type' | 'test' | 'state'> {
  readonly yes?: true
  readonly execute?: true
  readonly dryRun?: true
}

export const defineForget: DefineCommand = (program, act) => {
  program
    .command('forget')
    .summary('drop records without touching any store')
    .description(
      'Drops the ledger records of resources that will never be removed, because their store no longer exists or they are not test data. Touches no store. Shows first what would be dropped.',
    )
    .argument('<what...>', 'resource ids, or a run: its id, the start of one, or latest')
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--execute', 'same as --yes')
    .option('--dry-run', 'only show what would be dropped')
    .option('--type <type>', 'only this type; repeatable', list)
    .option('--test <text>', 'only tests whose file or titles contain this')
    .option('--state <states>', 'only these states: refused,failed', stateList)
    .addHelpText(
      'after',
      examples([
        ['Two records: show them, and ask', 'dustpan forget k3f9x2-4.0 k3f9x2-7.0'],
        ['Everything a run left', 'dustpan forget 20261121-0512'],
        ['Users of a database that no longer exists', 'dustpan forget latest --type user --state failed --yes'],
      ]),
    )
    .action(act<ForgetOptions>(withSharedRuns(forget)))
}
