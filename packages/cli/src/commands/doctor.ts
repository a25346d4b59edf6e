import type { DefineCommand } from '../commands.ts'
import { doctor } from '../doctor/doctor.ts'
import { durationOption, examples } from '../options.ts'

export interface DoctorOptions {
  /** In milliseconds. */
  readonly timeout: number
}

export const defineDoctor: DefineCommand = (program, act) => {
  program
    .command('doctor')
    .summary('find problems in a project, and how to fix them')
    .description(
      'Checks Node, packages, configuration, test runners, ledgers, the reaper and each driver with its store, and says how to fix what is wrong. Changes nothing.',
    )
    .addOption(durationOption('--timeout <duration>', 'how long to wait for each store and the reaper', '10s'))
    .addHelpText(
      'after',
      examples([
        ['All checks', 'dustpan doctor'],
        ['In CI: exit code 1 if something is wrong', 'dustpan doctor --json --timeout 30s'],
      ]),
    )
    .action(act<DoctorOptions>(doctor))
}
