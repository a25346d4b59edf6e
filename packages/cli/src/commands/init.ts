import type { DefineCommand } from '../commands.ts'
import { init } from '../init/init.ts'
import { examples } from '../options.ts'

export interface InitOptions {
  readonly yes?: true
  readonly dryRun?: true
  readonly install?: true
}

export const defineInit: DefineCommand = (program, act) => {
  program
    .command('init')
    .summary("set a project up: a configuration, and Dustpan in its test runners'")
    .description(
      'Finds the test runners and the stores of a project, writes a configuration, and puts Dustpan into the configuration of each runner. Shows every change, and asks. What is there already stays as it is.',
    )
    .option('-y, --yes', 'do not ask')
    .option('--dry-run', 'stop at the changes')
    .option('--install', 'install the packages that are missing, too')
    .addHelpText(
      'after',
      examples([
        ['Shows what it would write, and asks', 'dustpan init'],
        ['All of it, for scripts', 'dustpan init --yes --install'],
        ['One package of a workspace', 'dustpan init --cwd packages/shop'],
      ]),
    )
    .action(act<InitOptions>(init))
}
