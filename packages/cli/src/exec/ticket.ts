/** How the processes that a command starts learn of the run: not as an adapter's workers do, which have runs of their own. */
import type { RunTicket } from '@dustpan/core/worker'

const variable = 'DUSTPAN_EXEC'
const fileVariable = 'DUSTPAN_EXEC_FILE'

/** What the command's environment has more than ours. */
export function environmentFor(ticket: RunTicket, { NODE_OPTIONS = '' }: NodeJS.ProcessEnv): Record<string, string> {
  const register = new URL(import.meta.url.replace(/ticket(\.[jt]s)$/, 'register$1'))
  const options = `${NODE_OPTIONS} --import=${JSON.stringify(register.href)}`.trim()
  return { [variable]: JSON.stringify(ticket), NODE_OPTIONS: options }
}

/** Where everything is said to be from, in place of each process's own program. */
export const sourceFile = (file: string): Record<string, string> => ({ [fileVariable]: file })

/** What this process's creations are said to be from. */
export const programOf = ({ argv: [, program], env }: NodeJS.Process = process): string | undefined =>
  env[fileVariable] || program

/** Undefined: this process is of no such command. */
export function execTicket(environment: NodeJS.ProcessEnv = process.env): RunTicket | undefined {
  const text = environment[variable]
  return text ? (JSON.parse(text) as RunTicket) : undefined
}
