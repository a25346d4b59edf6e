/** Options of the commands that show a plan and ask. */
import type { Command } from 'commander'
import { list } from './options.ts'

export interface PlanOptions {
  readonly yes?: true
  readonly execute?: true
  readonly dryRun?: true
}

export function planOptions(command: Command): Command {
  return command
    .option('-y, --yes', 'do not ask')
    .option('--execute', 'the same as --yes')
    .option('--dry-run', 'stop at the plan')
}

/** Which things of a run are meant. */
export function chosenOptions(command: Command): Command {
  return command
    .option('--id <id>', 'only this resource; may be repeated', list)
    .option('--type <type>', 'only this type; may be repeated', list)
    .option('--test <text>', 'only of tests whose file or titles contain this')
}
