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
    .summary('show what a test created, and why it is kept')
    .description(
      'Shows everything a test created: its state and how to look at it, creates with unknown outcome, why it is kept and until when. Finds the test by part of its file or titles, in the newest run that has it.',
    )
    .argument('<test>', 'part of its file or titles')
    .option('--run <run>', 'in this run: its id, the start of one, or latest')
    .addHelpText(
      'after',
      examples([
        ['In the newest run that has this test', 'dustpan inspect "adds an item"'],
        ['All tests of a file', 'dustpan inspect cart.test.ts --run latest'],
        ['For programs', 'dustpan inspect "adds an item" --json'],
      ]),
    )
    .action(act<InspectOptions>(withSharedRuns(inspect)))
}
