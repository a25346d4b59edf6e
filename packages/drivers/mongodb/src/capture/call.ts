import type { CaptureSink, StoreSeen } from '@dustpan/core/driver'
import type { Document, Ejson, Session } from '../mongo.ts'
import type { CaptureRules } from './rules.ts'

/** One command that a client sends. */
export interface Call {
  readonly sink: CaptureSink
  /** Of the instance that serves the store. */
  readonly rules: CaptureRules
  readonly ejson: Ejson | undefined
  readonly store: StoreSeen
  readonly command: Document
  readonly session: Session
  /** The client sends it again when the connection breaks. */
  readonly retries: boolean
  /** It leaves out fields that are undefined. */
  readonly leavesOut?: boolean
  /** A question of ours to the same server, over the same socket, outside of any session. */
  ask(question: Document, database?: string): Promise<Document>
}

/** Sends the command, or another in its place. */
export type Send = (command?: Document) => Promise<unknown>

/** Sends a command and watches what becomes of it; gives its answer unchanged, and throws what it throws. */
export type Watcher = (call: Call, send: Send) => Promise<unknown>

/** The first field of a command is its name. */
export function commandName(command: Document): string {
  for (const name in command) return name
  return ''
}

/** The answer as a document, whatever form the client wanted it in. */
export function readReply(reply: unknown): Document {
  const { toObject } = (reply ?? {}) as { toObject?: () => Document }
  return typeof toObject === 'function' ? toObject.call(reply) : ((reply ?? {}) as Document)
}

/** A command's list, which the client may have put into a form of its own for sending. */
export function listOf(value: unknown): readonly Document[] {
  if (Array.isArray(value)) return value
  return (value as { readonly documents?: readonly Document[] } | undefined)?.documents ?? []
}

/** It is left alone. */
export function isIgnored({ rules }: Pick<Call, 'rules'>, collection: string): boolean {
  return rules.ignoreCollections.includes(collection) || collection.startsWith('system.')
}

/** What the server answered; of anything else it is not known what became of it. */
export function isServerError(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === 'MongoServerError'
}

/** What the server said no to as a whole. What was interrupted may have been done in part, unless that was in a transaction. */
export function isRefused(error: unknown, { session }: Pick<Call, 'session'>): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return isServerError(error) && (session.inTransaction() || !interrupted.has(Number(code)))
}

/** MaxTimeMSExpired, ShutdownInProgress, PrimarySteppedDown, ExceededTimeLimit, ClientDisconnect, NotWritablePrimary, Interrupted…, NotPrimary…, and what a router did not hear of. */
const interrupted: ReadonlySet<number> = new Set([
  6, 7, 50, 89, 91, 189, 262, 279, 9001, 10_107, 11_600, 11_601, 11_602, 13_435, 13_436,
])
