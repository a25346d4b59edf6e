/** Writes the audit log: who called which operation, with which result. The key is never in it. */
import { appendFileSync } from 'node:fs'

export interface AuditEntry {
  /** An ISO date and time. */
  readonly at: string
  /** The call's id: the same in all lines of a call, and in its error response. */
  readonly call: string
  /** A call that changes something has two lines: `begin` before, `done` or `failed` after. */
  readonly phase: 'refused' | 'begin' | 'done' | 'failed'
  readonly method: string
  readonly path: string
  readonly environment: string
  /** The value of the header `X-Created-By`. */
  readonly who?: string
  /** The caller's address. */
  readonly from?: string
  readonly testId?: string
  readonly operation?: string
  /** The response's status. */
  readonly status?: number
  readonly result?: unknown
  /** Why the call was refused, or failed. */
  readonly reason?: string
}

export type Audit = (entry: AuditEntry) => void | Promise<void>

export function openAudit(target: string | Audit | undefined): Audit {
  if (typeof target === 'function') return target
  if (target === undefined) return (entry) => void process.stderr.write(line(entry))
  return (entry) => appendFileSync(target, line(entry), { mode: 0o600 })
}

const line = (entry: AuditEntry): string => `${JSON.stringify(entry)}\n`
