import type { DefineCommand } from '../commands.ts'
import { examples, list } from '../options.ts'
import type { Filters } from '../select.ts'
import { withSharedRuns } from '../shared-runs.ts'
import { verify } from '../verify/verify.ts'

export interface VerifyOptions extends Pick<Filters, 'id' | 'type' | 'test'> {}

export const defineVerify: DefineCommand = (program, act) => {
  program
    .command('verify')
    .summary('ask the stores whether what is said to be removed is gone')
    .description(
      'Asks the stores about everything that a run says it has removed, and about what it left: whether it is there. A line for each that is not as the record says. Changes nothing.',
    )
    .argument('[run]', 'an id, the beginning of one, or latest', 'latest')
    .option('--id <id>', 'only this resource; may be repeated', list)
    .option('--type <type>', 'only this type; may be repeated', list)
    .option('--test <text>', 'only of tests whose file or titles contain this')
    .addHelpText(
      'after',
      examples([
        ['The newest run', 'dustpan verify'],
        ['What one test created', 'dustpan verify 20261121-0512 --test "adds an item"'],
        ['For programs', 'dustpan verify latest --json'],
      ]),
    )
    .action(act<VerifyOptions>(withSharedRuns(verify)))
}
