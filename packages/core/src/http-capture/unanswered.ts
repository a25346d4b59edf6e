/** Requests of which nobody knows whether they have created: their connection broke, or what stands between gave up. The same may be sent again. */
import type { PendingCreate } from '../resource/capture.ts'
import type { SentRequest } from './exchange.ts'

const open = new Map<string, PendingCreate[]>()

/** The service may have done what it was asked for, and somebody else has answered: a gateway, or the clock. */
const maybeDone = new Set([408, 502, 503, 504, 520, 524])

export const isNoAnswer = (status: number): boolean => maybeDone.has(status)

export const unanswered = {
  /** A run begins. */
  begin(): void {
    open.clear()
  },
  note(request: SentRequest, pending: PendingCreate): void {
    const name = nameOf(request)
    if (name === undefined) return
    const before = open.get(name)
    if (before) before.push(pending)
    else open.set(name, [pending])
  },
  /** What was sent before just like this, once. */
  take(request: SentRequest): readonly PendingCreate[] {
    if (open.size === 0) return []
    const name = nameOf(request)
    const found = name === undefined ? undefined : open.get(name)
    if (name !== undefined) open.delete(name)
    return found ?? []
  },
}

/** Undefined: one that is sent twice is meant twice. */
function nameOf({ method, origin, path, headers }: SentRequest): string | undefined {
  const key = headers().find(([name]) => /idempoten/i.test(name))?.[1]
  return method === 'PUT' || key !== undefined ? [method, origin, path, key].join('\n') : undefined
}
