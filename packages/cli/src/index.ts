/** The `dustpan` command, for use from a program. */
export { runCommandLine } from './command-line.ts'
export type { ExitCode } from './exit-code.ts'
