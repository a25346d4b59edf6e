/** Who asked for what, and what came of it. The key is never in it. */
import { appendFileSync } from 'node:fs'

export interface AuditEntry {
  /** An ISO date. */
  readonly at: string
  /** The same in all lines of a call, and in an answer that tells of a failure. */
  readonly call: string
  /** A call that changes something has two lines: `begin` before, `done` or `failed` after. */
  readonly phase: 'refused' | 'begin' | 'done' | 'failed'
  readonly method: string
  readonly path: string
  readonly environment: string
  /** What is sent as `X-Created-By`. */
  readonly who?: string
  /** The address that the call came from. */
  readonly from?: string
  readonly testId?: string
  readonly operation?: string
  /** Of the answer. */
  readonly status?: number
  readonly result?: unknown
  /** Why it was refused, or failed. */
  readonly reason?: string
}

export type Audit = (entry: AuditEntry) => void | Promise<void>

export function openAudit(where: string | Audit | undefined): Audit {
  if (typeof where === 'function') return where
  if (where === undefined) return (entry) => void process.stderr.write(line(entry))
  return (entry) => appendFileSync(where, line(entry), { mode: 0o600 })
}

const line = (entry: AuditEntry): string => `${JSON.stringify(entry)}\n`
