/** Options shared by commands that show a plan and ask. */
import type { Command } from 'commander'
import { list } from './options.ts'

export interface PlanOptions {
  readonly yes?: true
  readonly execute?: true
  readonly dryRun?: true
}

export function planOptions(command: Command): Command {
  return command
    .option('-y, --yes', 'do not ask for confirmation')
    .option('--execute', 'same as --yes')
    .option('--dry-run', 'only show the plan')
}

/** Options that select resources of a run. */
export function chosenOptions(command: Command): Command {
  return command
    .option('--id <id>', 'only this resource; repeatable', list)
    .option('--type <type>', 'only this type; repeatable', list)
    .option('--test <text>', 'only tests whose file or titles contain this')
}
