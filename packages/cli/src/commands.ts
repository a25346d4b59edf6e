/** The command table: a file for each. */
import type { Command } from 'commander'
import { defineClean } from './commands/clean.ts'
import { defineList } from './commands/list.ts'
import { defineReport } from './commands/report.ts'
import type { ExitCode } from './exit-code.ts'
import type { Terminal } from './terminal.ts'

export interface GlobalOptions {
  readonly json?: true
  readonly dir?: string
  readonly cwd?: string
}

/** One use of a command. */
export interface Call<Options = unknown> {
  readonly argument: string | undefined
  readonly options: Options & GlobalOptions
  readonly terminal: Terminal
  readonly environment: NodeJS.ProcessEnv
}

/** Makes a command's action of what carries it out. */
export type Act = <Options>(
  carryOut: (call: Call<Options>) => Promise<ExitCode>,
) => (argument: string | undefined, options: unknown, command: Command) => Promise<void>

export type DefineCommand = (program: Command, act: Act) => void

export const commands: readonly DefineCommand[] = [defineList, defineClean, defineReport]
