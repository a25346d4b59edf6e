import { DustpanError, isDustpanError, messageOf, redact } from '@dustpan/core/driver'

/** Turns an error of pg into one of ours, redacted: the server's messages may quote the values that it was sent. */
export function ledgerError(error: unknown): DustpanError {
  if (isDustpanError(error)) return error
  const message = redact(messageOf(error))
  if ((error as { code?: string }).code === '42501')
    return new DustpanError('DUSTPAN_LEDGER_NOT_READY', `The shared ledger's role may not use its tables: ${message}`, {
      hint: 'It needs SELECT, INSERT, UPDATE and DELETE on all tables of the schema.',
      cause: error,
    })
  return new DustpanError('DUSTPAN_LEDGER_AWAY', `The shared ledger could not be reached: ${message}`, {
    hint: 'What is on record stays on this machine, and is sent with the next run or dustpan command.',
    cause: error,
  })
}
