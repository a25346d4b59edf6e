import type { CaptureSink } from '@dustpan/core/driver'
import { doubtUnread, mayDelete } from '../changes/unread-deletes.ts'
import type { ClientClass, PgClient, PgQuery, QueryClass, Submittable } from '../pg.ts'
import { noteUpdate } from '../rewriting/rewritten-stamps.ts'
import type { Begin } from './announce.ts'
import { ClientCapture } from './client-capture.ts'
import { concerns } from './concerns.ts'
import { poolCaller } from './pool-caller.ts'
import { TrackedQuery } from './tracked-query.ts'

/** Marks connections of Dustpan itself. */
export const ownConnection = Symbol.for('dustpan/postgres/own')

const captures = new WeakMap<PgClient, ClientCapture>()

/** Stands for foreign queries, whose end is not observed. */
const foreignQueries = {}

interface Call {
  readonly client: PgClient
  readonly original: (this: never, ...args: never[]) => unknown
  readonly args: readonly unknown[]
  readonly sink: CaptureSink
  readonly ignores: ClientCapture['ignores']
  /** Whether every statement is tagged with its run and test. */
  names(): boolean
  /** The function that the user called. */
  readonly entry: (...args: never[]) => unknown
}

/** Handles a call of `client.query`, in any of its forms. Calls without tracked effects are passed on unchanged. */
export function capturedQuery(call: Call): unknown {
  const { client, original, args } = call
  const pass = () => (original as (...args: readonly unknown[]) => unknown).apply(client, args as unknown[])
  if (ownConnection in client) return pass()
  noteUpdate(typeof args[0] === 'string' ? args[0] : (args[0] as { text?: unknown } | undefined)?.text)
  if (isForeign(args[0], client)) {
    warnOfCursor(call, args[0])
    doubtCursor(call, args[0])
    if (!isReading(args[0])) captures.get(client)?.transactions.committing(foreignQueries)
    return pass()
  }
  if (!isRelevant(args[0], call.names())) return pass()
  const Query = queryClassOf(client)
  if (isSubmittable(args[0])) {
    track(call, args[0], pass)
    return args[0]
  }
  if (!isCallback(args)) return pass()
  return runQuery(call, Query)
}

function isRelevant(config: unknown, isNaming: boolean): boolean {
  const { text, name } = (typeof config === 'string' ? { text: config } : (config ?? {})) as {
    text?: unknown
    name?: unknown
  }
  if (typeof text !== 'string') return typeof name === 'string' && text === undefined
  return isNaming || concerns(text)
}

/** Does what pg does with a text: creates a query, and a promise when there is no callback. */
function runQuery(call: Call, Query: QueryClass): unknown {
  const [config, values, callback] = call.args
  const query = new Query(config, values, callback)
  const timeout =
    typeof config === 'object' && config !== null && 'query_timeout' in config ? config.query_timeout : undefined
  if (timeout !== undefined) query.query_timeout = timeout
  const send = () => (call.original as (query: PgQuery) => unknown).call(call.client, query)
  if (query.callback) {
    if (call.sink.active) query.callback = call.sink.bind(query.callback)
    track(call, query, send)
    return undefined
  }
  const result = promiseOf(query, call.client)
  track(call, query, send)
  return result
}

function promiseOf(query: PgQuery, { _Promise = Promise }: PgClient): Promise<unknown> {
  const answered = new _Promise<unknown>((resolve, reject) => {
    query.callback = (error, result) => (error ? reject(error) : resolve(result))
  })
  return answered.catch((error: Error) => {
    // As pg does: a stack that leads to the caller, not to the socket.
    Error.captureStackTrace(error)
    throw error
  })
}

/** Binds the scope now: later sends and retries start from the socket's stack frame. */
function track({ client, sink, ignores, names, entry }: Call, query: Submittable, send: () => unknown): void {
  const capture = captureOf(client, sink, ignores)
  const begin = sink.active ? (poolCaller() ?? beginOf(query, capture, { sink, entry })) : undefined
  new TrackedQuery(capture, query, begin, names() ? { names: sink.currentScope?.() } : undefined)
  send()
}

/**
 * Whether the query is sent at once decides how `begin` is bound: it may first wait for its turn, or for questions about
 * its tables.
 */
function beginOf(
  { text = '' }: Submittable,
  { client, session }: ClientCapture,
  { sink, entry }: Pick<Call, 'sink' | 'entry'>,
): Begin {
  const isSent = session !== undefined && client.readyForQuery && sentTexts.has(text)
  if (isSent) return sink.beginHere(entry)
  if (sentTexts.size < 1000) sentTexts.add(text)
  return sink.beginHere(entry, 'later', text)
}

/** Texts that were sent before, so that the facts of their tables are usually known. */
const sentTexts = new Set<string>()

export const textOf = (config: unknown): string => {
  const text = typeof config === 'string' ? config : (config as { text?: unknown } | null | undefined)?.text
  return typeof text === 'string' ? text : ''
}

function captureOf(client: PgClient, sink: CaptureSink, ignores: ClientCapture['ignores']): ClientCapture {
  const known = captures.get(client)
  if (known) return known
  const capture = new ClientCapture(client, sink, ignores)
  captures.set(client, capture)
  return capture
}

function queryClassOf(client: PgClient): QueryClass {
  return (client.constructor as unknown as ClientClass).Query
}

function isSubmittable(config: unknown): config is Submittable {
  return typeof (config as Submittable).submit === 'function'
}

/** pg-cursor and pg-query-stream read rows one by one, past the answer in which created rows are seen. */
function warnOfCursor({ sink }: Call, { text, cursor }: ForeignQuery): void {
  if (!sink.active || !/^[^']*\binsert\s+into\b/i.test(text ?? cursor?.text ?? '')) return
  sink.warn(
    'DUSTPAN_SQL_UNATTRIBUTED',
    'cursor',
    'An INSERT was read through a cursor: the rows that it creates are not tracked. Send it by client.query(), or track() them.',
  )
}

/** The rows that a cursor deletes are not seen. */
function doubtCursor({ client, sink, ignores }: Call, { text, cursor }: ForeignQuery): void {
  const statement = text ?? cursor?.text ?? ''
  if (sink.active && mayDelete(statement)) doubtUnread(captureOf(client, sink, ignores), statement)
}

/** Whether it cannot end a transaction. */
function isReading({ text, cursor }: ForeignQuery): boolean {
  return /^\s*(?:select|with|insert|update|delete|values|table|fetch)\b/i.test(text ?? cursor?.text ?? '')
}

/** A submittable that is not a query of pg itself. */
interface ForeignQuery {
  readonly text?: string
  readonly cursor?: { readonly text?: string }
}

function isForeign(query: unknown, client: PgClient): query is ForeignQuery {
  if (typeof query !== 'object' || query === null || !isSubmittable(query)) return false
  return !(query instanceof queryClassOf(client)) && !isCopy(query)
}

/** pg-copy-streams. */
function isCopy({ text }: Submittable): boolean {
  return /^(?:\s|;|--[^\n]*\n|\/\*[\s\S]*?\*\/)*copy\b/i.test(text ?? '')
}

/** For an invalid callback, pg itself should throw. */
function isCallback([config, values, callback]: readonly unknown[]): boolean {
  const given = typeof values === 'function' ? values : (callback ?? (config as { callback?: unknown }).callback)
  return given === undefined || given === null || typeof given === 'function'
}
