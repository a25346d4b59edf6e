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
    .summary('run, test, source line, branch and CI job of anything that was ever tracked')
    .description(
      'Tells where a thing is from and what became of it, by its key, by type and key, or by the id of its record: over all runs of the ledger, newest first.',
    )
    .argument('<id...>', 'a key, a type and a key, or the id of a record')
    .option('--limit <number>', 'how many records', positive, 20)
    .addHelpText(
      'after',
      examples([
        ['By its key, as it stands in the store', 'dustpan whose 42'],
        ['When several kinds of things have it', 'dustpan whose user 42'],
        ['The same', 'dustpan whose users:42'],
        ['A key of several columns', "dustpan whose members '[7,9]'"],
        ['By the id of its record', 'dustpan whose k3f9x2-4.0'],
      ]),
    )
    .action(act<WhoseOptions>(withSharedRuns(whose, { isWanted: everyRun })))
}
