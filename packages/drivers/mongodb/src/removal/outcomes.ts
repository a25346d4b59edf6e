import { DustpanError, messageOf, type RemovalOutcome, type Target } from '@dustpan/core/driver'
import { failedWith } from '@dustpan/core/rows'

export const removed: RemovalOutcome = { state: 'removed', result: '1 document' }
export const alreadyGone: RemovalOutcome = { state: 'already-gone', result: '0 documents' }

/** The collection was dropped, or never existed. */
export const noCollection: RemovalOutcome = { state: 'already-gone', result: 'its collection is not there' }

export function notOurs({ key }: Target, collection: string, what: string): RemovalOutcome {
  const message = `The document ${JSON.stringify(key)} in ${collection} is not the one that was created: ${what}`
  const error = new DustpanError('DUSTPAN_NOT_OURS', message, {
    hint: 'Nothing was removed. Look at the document; forget the record if it is not test data',
  })
  return { state: 'refused', why: 'not-ours', detail: { collection, key }, error }
}

export function failed(what: string, cause: unknown): RemovalOutcome {
  if (cause instanceof DustpanError) return { state: 'failed', error: cause, retry: false }
  const { code, codeName } = (cause ?? {}) as { readonly code?: unknown; readonly codeName?: unknown }
  const suffix = typeof code === 'number' ? ` (${codeName ?? 'code'} ${code})` : ''
  return failedWith('DUSTPAN_REMOVAL_FAILED', `${what}: ${messageOf(cause)}${suffix}`, {
    cause,
    passing: isTransient(cause),
  })
}

/** Whether another transaction holds the document. */
export function isHeld(error: unknown): boolean {
  return codeOf(error) === writeConflict || codeOf(error) === lockTimeout
}

const writeConflict = 112
const lockTimeout = 24

/** Whether the connection failed. The client may take long to find its server again, so a new client is better. */
export function isLost(error: unknown): boolean {
  return nameOf(error).startsWith('Mongo') && !isAnswer(error)
}

/** Whether a retry may help, as after elections and shutdowns; not after a refusal. */
export function isTransient(error: unknown): boolean {
  const { errorLabels } = (error ?? {}) as { readonly errorLabels?: readonly string[] }
  return isLost(error) || (errorLabels ?? []).includes('RetryableWriteError')
}

function isAnswer(error: unknown): boolean {
  return /^Mongo(?:Server|BulkWrite)Error$/.test(nameOf(error))
}

function nameOf(error: unknown): string {
  return (error as { readonly name?: string } | null)?.name ?? ''
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | null)?.code
}
