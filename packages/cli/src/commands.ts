/** The table of commands, each with a file of its own. */
import type { Command } from 'commander'
import { defineAudit } from './commands/audit.ts'
import { defineBulk } from './commands/bulk.ts'
import { defineCi } from './commands/ci.ts'
import { defineClean } from './commands/clean.ts'
import { defineDb } from './commands/db.ts'
import { defineDoctor } from './commands/doctor.ts'
import { defineExec } from './commands/exec.ts'
import { defineForget } from './commands/forget.ts'
import { defineInit } from './commands/init.ts'
import { defineInspect } from './commands/inspect.ts'
import { defineList } from './commands/list.ts'
import { defineOrphans } from './commands/orphans.ts'
import { defineRelease } from './commands/release.ts'
import { defineReport } from './commands/report.ts'
import { defineRestore } from './commands/restore.ts'
import { defineVerify } from './commands/verify.ts'
import { defineWhose } from './commands/whose.ts'
import { defineWork } from './commands/work.ts'
import type { Terminal } from './terminal.ts'

export interface GlobalOptions {
  readonly json?: true
  readonly dir?: string
  readonly cwd?: string
}

/** One invocation of a command. */
export interface Call<Options = unknown> {
  /** The first of `arguments`. */
  readonly argument: string | undefined
  readonly arguments: readonly string[]
  readonly options: Options & GlobalOptions
  readonly terminal: Terminal
  readonly environment: NodeJS.ProcessEnv
}

/** Turns a command's implementation into an action for commander. */
export type Act = <Options>(
  carryOut: (call: Call<Options>) => Promise<number>,
) => (...given: readonly unknown[]) => Promise<void>

export type DefineCommand = (program: Command, act: Act) => void

export const commands: readonly DefineCommand[] = [
  defineInit,
  defineDoctor,
  defineList,
  defineInspect,
  defineClean,
  defineOrphans,
  defineWork,
  defineRestore,
  defineRelease,
  defineForget,
  defineBulk,
  defineReport,
  defineVerify,
  defineWhose,
  defineExec,
  defineCi,
  defineDb,
  defineAudit,
]
