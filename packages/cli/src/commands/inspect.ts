import type { DefineCommand } from '../commands.ts'
import { inspect } from '../inspect/inspect.ts'
import { examples } from '../options.ts'
import { withSharedRuns } from '../shared-runs.ts'

export interface InspectOptions {
  readonly run?: string
}

export const defineInspect: DefineCommand = (program, act) => {
  program
    .command('inspect')
    .summary('what a test created: its state, how to look at it, and why it is kept')
    .description(
      'Opens what a test left, by a part of its file or titles: everything that it created, its state and how to look at it, what it began and nobody saw the end of, why it is kept and until when. Of the newest run that has such a test.',
    )
    .argument('<test>', 'a part of its file or titles')
    .option('--run <run>', 'of this run: an id, the beginning of one, or latest')
    .addHelpText(
      'after',
      examples([
        ['The newest run with such a test', 'dustpan inspect "adds an item"'],
        ['All tests of a file', 'dustpan inspect cart.test.ts --run latest'],
        ['For programs', 'dustpan inspect "adds an item" --json'],
      ]),
    )
    .action(act<InspectOptions>(withSharedRuns(inspect)))
}
