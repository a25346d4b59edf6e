/**
 * Passes the run to the command's processes, in other variables than adapters use: a test runner in the command begins its own
 * run.
 */
import type { RunTicket } from '@dustpan/core/worker'

const variable = 'DUSTPAN_EXEC'
const fileVariable = 'DUSTPAN_EXEC_FILE'

/** The variables to add to the command's environment. */
export function environmentFor(ticket: RunTicket, { NODE_OPTIONS = '' }: NodeJS.ProcessEnv): Record<string, string> {
  const register = new URL(import.meta.url.replace(/ticket(\.[jt]s)$/, 'register$1'))
  const options = `${NODE_OPTIONS} --import=${JSON.stringify(register.href)}`.trim()
  return { [variable]: JSON.stringify(ticket), NODE_OPTIONS: options }
}

/** Sets the file that all resources are attributed to, instead of each process's own program. */
export const sourceFile = (file: string): Record<string, string> => ({ [fileVariable]: file })

/** The file that this process's resources are attributed to. */
export const programOf = ({ argv: [, program], env }: NodeJS.Process = process): string | undefined =>
  env[fileVariable] || program

/** Undefined when this process does not belong to a `dustpan exec` command. */
export function execTicket(environment: NodeJS.ProcessEnv = process.env): RunTicket | undefined {
  const text = environment[variable]
  return text ? (JSON.parse(text) as RunTicket) : undefined
}
