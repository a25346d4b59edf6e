import type { DefineCommand } from '../commands.ts'
import { examples, positive } from '../options.ts'
import { everyRun, withSharedRuns } from '../shared-runs.ts'
import { whose } from '../whose/whose.ts'

export interface WhoseOptions {
  readonly limit: number
}

export const defineWhose: DefineCommand = (program, act) => {
  program
    .command('whose')
    .summary('show where a resource came from')
    .description(
      'Shows where a resource came from (run, test, source line, branch, CI job) and what happened to it. Searches all runs of the ledger, newest first.',
    )
    .argument('<id...>', 'a key, a type and a key, or a record id')
    .option('--limit <number>', 'number of records', positive, 20)
    .addHelpText(
      'after',
      examples([
        ['By its key in the store', 'dustpan whose 42'],
        ['If several types have that key', 'dustpan whose user 42'],
        ['The same', 'dustpan whose users:42'],
        ['A key of several columns', "dustpan whose members '[7,9]'"],
        ['By record id', 'dustpan whose k3f9x2-4.0'],
      ]),
    )
    .action(act<WhoseOptions>(withSharedRuns(whose, { isWanted: everyRun })))
}
