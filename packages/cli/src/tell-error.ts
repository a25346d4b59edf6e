import { isDustpanError } from '@dustpan/core'
import { explainError, inColour, redact } from '@dustpan/core/ledger'
import kleur from 'kleur'
import { type ExitCode, exitCode, exitCodeOf } from './exit-code.ts'
import type { Terminal } from './terminal.ts'

/** What happened, what to do, and the code; the stack only when it is asked for. */
export function tellError(error: unknown, terminal: Terminal): ExitCode {
  const told = toldError(error)
  terminal.writeError(errorText(told, terminal))
  if (process.env.DUSTPAN_DEBUG === '1' && error instanceof Error) terminal.writeError(`${redact(error.stack ?? '')}\n`)
  return exitCodeOf(told.code) ?? exitCode.wrong
}

/** For programs that read standard output. */
export function errorJson(error: unknown): string {
  const { message, code, hint } = toldError(error)
  // Commander's own codes are none of ours.
  const own = isDustpanError(error) ? { code } : {}
  const told = { ...own, message: redact(message), ...(hint === undefined ? {} : { hint: redact(hint) }) }
  return `${JSON.stringify({ error: told }, null, 2)}\n`
}

export interface ToldError {
  readonly message: string
  readonly code: string | undefined
  readonly hint?: string | undefined
}

export function toldError(error: unknown): ToldError {
  const { code, hint } = isDustpanError(error) ? error : { code: undefined, hint: undefined }
  return { message: error instanceof Error || isDustpanError(error) ? error.message : String(error), code, hint }
}

export function errorText({ message, code = '', hint }: ToldError, { colour, width }: Terminal): string {
  const error = { message: redact(message), code, hint: hint === undefined ? undefined : redact(hint) }
  return inColour(colour, () => {
    const lines = explainError(error, { width, indent: '  ', paint: (text) => text })
    return `${kleur.red('✗')} ${lines.join('\n').trim()}\n`
  })
}
