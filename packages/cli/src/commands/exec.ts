import type { DefineCommand } from '../commands.ts'
import { exec } from '../exec/exec.ts'
import { durationOption, examples } from '../options.ts'

export interface ExecOptions {
  /** In milliseconds. */
  readonly grace: number
}

export const defineExec: DefineCommand = (program, act) => {
  program
    .command('exec')
    .summary('run a command and clean up what it created')
    .description(
      'Runs a command as a run of its own: what its Node processes create is tracked, and cleaned up when it ends, however it ends. After the first Ctrl-C, the command has time to exit, then everything is cleaned up and reported. The second kills it and leaves the rest on record; the third stops Dustpan, too. The exit code is that of the command.',
    )
    .argument('<command...>', 'the command and its arguments, after --')
    .addOption(durationOption('--grace <duration>', 'how long the command may take to exit after Ctrl-C', '5s'))
    .addHelpText(
      'after',
      examples([
        ['Any tool', 'dustpan exec -- npx cypress run'],
        ['A script that uses fetch or a database client', 'dustpan exec -- node seed-and-check.mjs'],
        ['More time after Ctrl-C', 'dustpan exec --grace 30s -- npm test'],
      ]),
    )
    .action(act<ExecOptions>(exec))
}
