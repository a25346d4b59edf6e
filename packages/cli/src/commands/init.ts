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
    .summary('set up Dustpan in a project and its test runners')
    .description(
      'Finds the test runners and stores of a project, writes a configuration, and adds Dustpan to the configuration of each runner. Shows every change, and asks. Leaves existing settings as they are.',
    )
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--dry-run', 'only show the changes')
    .option('--install', 'also install missing packages')
    .addHelpText(
      'after',
      examples([
        ['Show what it would write, and ask', 'dustpan init'],
        ['Everything, for scripts', 'dustpan init --yes --install'],
        ['One package of a workspace', 'dustpan init --cwd packages/shop'],
      ]),
    )
    .action(act<InitOptions>(init))
}
