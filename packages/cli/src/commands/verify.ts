import type { DefineCommand } from '../commands.ts'
import { examples, list } from '../options.ts'
import type { Filters } from '../select.ts'
import { withSharedRuns } from '../shared-runs.ts'
import { verify } from '../verify/verify.ts'

export interface VerifyOptions extends Pick<Filters, 'id' | 'type' | 'test'> {}

export const defineVerify: DefineCommand = (program, act) => {
  program
    .command('verify')
    .summary('check that removed resources are gone')
    .description(
      'Asks the stores whether what a run removed is gone, and what it left is still there. Prints a line for each resource that differs from its record. Changes nothing.',
    )
    .argument('[run]', 'run id, the start of one, or latest', 'latest')
    .option('--id <id>', 'only this resource; repeatable', list)
    .option('--type <type>', 'only this type; repeatable', list)
    .option('--test <text>', 'only tests whose file or titles contain this')
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
