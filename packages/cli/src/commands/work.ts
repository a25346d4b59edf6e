import type { DefineCommand } from '../commands.ts'
import { examples } from '../options.ts'
import { work } from '../work/work.ts'

export interface WorkOptions {
  readonly once?: true
}

export const defineWork: DefineCommand = (program, act) => {
  program
    .command('work')
    .summary('stays, and removes what is due when it is due')
    .description(
      'Removes what is due by the clock: what was to be removed later (strategy delayed, keepFor, expiresIn), and what was released; and what earlier runs left, as the schedule of the configuration says. Stays until Ctrl-C or SIGTERM, finishes what it has begun, and tells a line for each piece of work. Several may work at once.',
    )
    .option('--once', 'do what is due by now, and end')
    .addHelpText(
      'after',
      examples([
        ['Beside a shared environment, for good', 'dustpan work'],
        ['From a scheduler of your own', 'dustpan work --once'],
        ['A JSON value a line, for a log', 'dustpan work --json'],
      ]),
    )
    .action(act<WorkOptions>(work))
}
