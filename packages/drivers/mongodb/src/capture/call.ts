import type { CaptureSink, StoreSeen } from '@dustpan/core/driver'
import type { Document, Ejson, Session } from '../mongo.ts'
import type { CaptureRules } from './rules.ts'

/** A command that a client sends. */
export interface Call {
  readonly sink: CaptureSink
  /** The rules of the driver instance that serves the store. */
  readonly rules: CaptureRules
  readonly ejson: Ejson | undefined
  readonly store: StoreSeen
  readonly command: Document
  readonly session: Session
  /** Whether the client retries it when the connection breaks. */
  readonly retries: boolean
  /** Whether the client omits undefined fields (`ignoreUndefined`). */
  readonly ignoresUndefined?: boolean
  /** Runs a command of our own on the same server, over the same socket, outside any session. */
  runCommand(command: Document, database?: string): Promise<Document>
}

/** Sends the command, or another one instead. */
export type Send = (command?: Document) => Promise<unknown>

/** Sends a command and tracks its effect; returns its reply, or throws its error, unchanged. */
export type Watcher = (call: Call, send: Send) => Promise<unknown>

/** The first field of a command is its name. */
export function commandName(command: Document): string {
  for (const name in command) return name
  return ''
}

/** The reply as a document, whatever form the client requested. */
export function readReply(reply: unknown): Document {
  const { toObject } = (reply ?? {}) as { toObject?: () => Document }
  return typeof toObject === 'function' ? toObject.call(reply) : ((reply ?? {}) as Document)
}

/** A list in a command, which the client may have wrapped for sending. */
export function listOf(value: unknown): readonly Document[] {
  if (Array.isArray(value)) return value
  return (value as { readonly documents?: readonly Document[] } | undefined)?.documents ?? []
}

/** Whether documents of the collection are not tracked. */
export function isIgnored({ rules }: Pick<Call, 'rules'>, collection: string): boolean {
  return rules.ignoreCollections.includes(collection) || collection.startsWith('system.')
}

/** Whether the error is the server's reply; after any other error the effect of the command is unknown. */
export function isServerError(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === 'MongoServerError'
}

/** Whether the command had no effect. An interrupted one may have been carried out in part, unless it was in a transaction. */
export function isRefused(error: unknown, { session }: Pick<Call, 'session'>): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return isServerError(error) && (session.inTransaction() || !interrupted.has(Number(code)))
}

/**
 * MaxTimeMSExpired, ShutdownInProgress, PrimarySteppedDown, ExceededTimeLimit, ClientDisconnect, NotWritablePrimary,
 * Interrupted…, NotPrimary…, and errors of a router that got no reply.
 */
const interrupted: ReadonlySet<number> = new Set([
  6, 7, 50, 89, 91, 189, 262, 279, 9001, 10_107, 11_600, 11_601, 11_602, 13_435, 13_436,
])
