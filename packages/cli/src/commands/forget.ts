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
    .summary('drop records, and touch nothing')
    .description(
      'Drops records from the ledger, for what will never be removed: its store is no more, or it turned out to be no test data. Nothing is touched in any store. What would be dropped is shown first.',
    )
    .argument('<what...>', "resources' ids, or a run: an id, the beginning of one, or latest")
    .option('-y, --yes', 'do not ask')
    .option('--execute', 'the same as --yes')
    .option('--dry-run', 'stop at what would be dropped')
    .option('--type <type>', 'only this type; may be repeated', list)
    .option('--test <text>', 'only of tests whose file or titles contain this')
    .option('--state <states>', 'only these: refused,failed', stateList)
    .addHelpText(
      'after',
      examples([
        ['Two records: shows them, and asks', 'dustpan forget k3f9x2-4.0 k3f9x2-7.0'],
        ['Everything that a run left', 'dustpan forget 20261121-0512'],
        ['What a database that is no more had', 'dustpan forget latest --type user --state failed --yes'],
      ]),
    )
    .action(act<ForgetOptions>(withSharedRuns(forget)))
}
