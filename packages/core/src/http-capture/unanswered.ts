/** Requests whose outcome is unknown: the connection broke, or a gateway gave up. The client may repeat them. */

import type { SentRequest } from '../http-answers/exchange.ts'
import type { PendingCreate } from '../resource/capture.ts'

const open = new Map<string, PendingCreate[]>()

/** The service may have carried out the request although a gateway answered, or a timeout. */
const unknownOutcomes = new Set([408, 502, 503, 504, 520, 524])

export const isNoAnswer = (status: number): boolean => unknownOutcomes.has(status)

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
  /** Earlier identical requests; returned once. */
  take(request: SentRequest): readonly PendingCreate[] {
    if (open.size === 0) return []
    const name = nameOf(request)
    const found = name === undefined ? undefined : open.get(name)
    if (name !== undefined) open.delete(name)
    return found ?? []
  },
}

/** Undefined: sent twice, the request is meant twice. */
function nameOf({ method, origin, path, headers }: SentRequest): string | undefined {
  const key = headers().find(([name]) => /idempoten/i.test(name))?.[1]
  return method === 'PUT' || key !== undefined ? [method, origin, path, key].join('\n') : undefined
}
