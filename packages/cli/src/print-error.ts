import { isDustpanError } from '@dustpan/core'
import { explainError, inColour, redact } from '@dustpan/core/ledger'
import kleur from 'kleur'
import { type ExitCode, exitCode, exitCodeOf } from './exit-code.ts'
import type { Terminal } from './terminal.ts'

/** Prints message, hint and code; the stack only with DUSTPAN_DEBUG=1. */
export function printError(error: unknown, terminal: Terminal): ExitCode {
  const info = errorInfo(error)
  terminal.writeError(errorText(info, terminal))
  if (process.env.DUSTPAN_DEBUG === '1' && error instanceof Error) terminal.writeError(`${redact(error.stack ?? '')}\n`)
  return exitCodeOf(info.code) ?? exitCode.wrong
}

/** The error as JSON, for standard output. */
export function errorJson(error: unknown): string {
  const { message, code, hint } = errorInfo(error)
  // Leaves out Commander's codes.
  const own = isDustpanError(error) ? { code } : {}
  const info = { ...own, message: redact(message), ...(hint === undefined ? {} : { hint: redact(hint) }) }
  return `${JSON.stringify({ error: info }, null, 2)}\n`
}

export interface ErrorInfo {
  readonly message: string
  readonly code: string | undefined
  readonly hint?: string | undefined
}

export function errorInfo(error: unknown): ErrorInfo {
  const { code, hint } = isDustpanError(error) ? error : { code: undefined, hint: undefined }
  return { message: error instanceof Error || isDustpanError(error) ? error.message : String(error), code, hint }
}

export function errorText({ message, code = '', hint }: ErrorInfo, { colour, width }: Terminal): string {
  const error = { message: redact(message), code, hint: hint === undefined ? undefined : redact(hint) }
  return inColour(colour, () => {
    const lines = explainError(error, { width, indent: '  ', paint: (text) => text })
    return `${kleur.red('✗')} ${lines.join('\n').trim()}\n`
  })
}
