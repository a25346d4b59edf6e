import { isDustpanError } from '@dustpan/core'
import { explainError, inColour, redact } from '@dustpan/core/ledger'
import kleur from 'kleur'
import { type ExitCode, exitCode } from './exit-code.ts'
import type { Terminal } from './terminal.ts'

const exits: Readonly<Record<string, ExitCode>> = {
  DUSTPAN_HOST_REFUSED: exitCode.refused,
  DUSTPAN_PREDICATE_REFUSED: exitCode.refused,
  DUSTPAN_PROFILE_REFUSED: exitCode.refused,
  DUSTPAN_PROTECTED: exitCode.refused,
  DUSTPAN_RUN_LOCKED: exitCode.left,
  DUSTPAN_LEDGER_UNWRITABLE: exitCode.left,
}

/** What happened, what to do, and the code; the stack only when it is asked for. */
export function tellError(error: unknown, terminal: Terminal): ExitCode {
  const { code, hint } = isDustpanError(error) ? error : { code: undefined, hint: undefined }
  const message = error instanceof Error || isDustpanError(error) ? error.message : String(error)
  terminal.complain(errorText({ message, code, hint }, terminal))
  if (process.env.DUSTPAN_DEBUG === '1' && error instanceof Error) terminal.complain(`${redact(error.stack ?? '')}\n`)
  return (code === undefined ? undefined : exits[code]) ?? exitCode.wrong
}

export interface ToldError {
  readonly message: string
  readonly code: string | undefined
  readonly hint?: string | undefined
}

export function errorText({ message, code = '', hint }: ToldError, { colour, width }: Terminal): string {
  const error = { message: redact(message), code, hint: hint === undefined ? undefined : redact(hint) }
  return inColour(colour, () => {
    const lines = explainError(error, { width, indent: '  ', paint: (text) => text })
    return `${kleur.red('✗')} ${lines.join('\n').trim()}\n`
  })
}
