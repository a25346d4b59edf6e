import type { DefineCommand } from '../commands.ts'
import { examples } from '../options.ts'
import { work } from '../work/work.ts'

export interface WorkOptions {
  readonly once?: true
}

export const defineWork: DefineCommand = (program, act) => {
  program
    .command('work')
    .summary('run as a daemon: remove resources when due')
    .description(
      'Removes resources when they are due (strategy delayed, keepFor, expiresIn) or released, and what earlier runs left, on the schedule of the configuration. Runs until Ctrl-C or SIGTERM, then finishes work in progress. Prints a line for each piece of work. Several may run at once.',
    )
    .option('--once', 'remove what is due now, and exit')
    .addHelpText(
      'after',
      examples([
        ['Next to a shared environment, permanently', 'dustpan work'],
        ['From your own scheduler', 'dustpan work --once'],
        ['One JSON value per line, for a log', 'dustpan work --json'],
      ]),
    )
    .action(act<WorkOptions>(work))
}
