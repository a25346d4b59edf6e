/** The `dustpan` command, to be called from a program. */
export { runCommandLine } from './command-line.ts'
export type { ExitCode } from './exit-code.ts'
