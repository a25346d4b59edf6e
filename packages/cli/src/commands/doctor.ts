import type { DefineCommand } from '../commands.ts'
import { doctor } from '../doctor/doctor.ts'
import { duration, examples } from '../options.ts'

export interface DoctorOptions {
  /** In milliseconds. */
  readonly timeout: number
}

export const defineDoctor: DefineCommand = (program, act) => {
  program
    .command('doctor')
    .summary('what is wrong in a project, and how to mend it')
    .description(
      'Looks at Node, the packages, the configuration, the test runners, the ledgers, the reaper and each driver with its store, and says what is wrong and how to mend it. Changes nothing.',
    )
    .option('--timeout <duration>', 'how long each store, and the reaper, is waited for', duration, 10_000)
    .addHelpText(
      'after',
      examples([
        ['All of it', 'dustpan doctor'],
        ['In CI: exit code 1 where something is wrong', 'dustpan doctor --json --timeout 30s'],
      ]),
    )
    .action(act<DoctorOptions>(doctor))
}
