/** The command table: a file for each. */
import type { Command } from 'commander'
import { defineAudit } from './commands/audit.ts'
import { defineBulk } from './commands/bulk.ts'
import { defineClean } from './commands/clean.ts'
import { defineDb } from './commands/db.ts'
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
) => (...given: readonly unknown[]) => Promise<void>

export type DefineCommand = (program: Command, act: Act) => void

export const commands: readonly DefineCommand[] = [
  defineList,
  defineClean,
  defineBulk,
  defineReport,
  defineDb,
  defineAudit,
]
