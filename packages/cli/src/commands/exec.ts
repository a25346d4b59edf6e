import type { DefineCommand } from '../commands.ts'
import { exec } from '../exec/exec.ts'
import { duration, examples } from '../options.ts'

export interface ExecOptions {
  /** In milliseconds. */
  readonly grace: number
}

export const defineExec: DefineCommand = (program, act) => {
  program
    .command('exec')
    .summary('run a command, and clean up what its Node processes created')
    .description(
      'Runs a command as a run of its own: what its Node processes create is tracked, and cleaned up when it ends, however that is. On the first Ctrl-C the command has time to end, and everything is cleaned up and told; on the second it is killed, and what is left stays on record; on the third Dustpan ends, too. The exit code is the command’s own.',
    )
    .argument('<command...>', 'the command and its arguments, after --')
    .option('--grace <duration>', 'how long the command may take to end after Ctrl-C', duration, 5000)
    .addHelpText(
      'after',
      examples([
        ['Any tool', 'dustpan exec -- npx cypress run'],
        ['A script that creates things by fetch or a database client', 'dustpan exec -- node seed-and-check.mjs'],
        ['More time after Ctrl-C', 'dustpan exec --grace 30s -- npm test'],
      ]),
    )
    .action(act<ExecOptions>(exec))
}
