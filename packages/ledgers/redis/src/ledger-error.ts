import { DustpanError, isDustpanError, messageOf, redact } from '@dustpan/core/driver'

/**
 * Turns an error of ioredis into one of ours, redacted: the server may quote its input, and ioredis' errors carry the
 * whole command.
 */
export function ledgerError(error: unknown): DustpanError {
  if (isDustpanError(error)) return error
  const message = redact(messageOf(error))
  const cause = new Error(message)
  if (/\bNOPERM\b/.test(message))
    return new DustpanError('DUSTPAN_LEDGER_NOT_READY', `The shared ledger's user may not use its keys: ${message}`, {
      hint: 'It needs all of them, and to run scripts: ACL SETUSER <the user> ~{<the prefix>}:* +@all -@dangerous +info.',
      cause,
    })
  if (/\bREADONLY\b/.test(message))
    return new DustpanError('DUSTPAN_LEDGER_NOT_READY', `The shared ledger's server is a replica: ${message}`, {
      hint: 'Give the URL of the server that it copies.',
      cause,
    })
  return new DustpanError('DUSTPAN_LEDGER_AWAY', `The shared ledger could not be reached: ${message}`, {
    hint: 'What is on record stays on this machine, and is sent with the next run or dustpan command.',
    cause,
  })
}
