import {
  asOne,
  type CaptureSink,
  type Instrument,
  invalidArgument,
  type Method,
  ownerOf,
  type PatchedCall,
  sharedPatch,
} from '@dustpan/core/driver'
import { type Client, type InsertParams, isClient, isLibrary, type TextParams } from '../library.ts'
import { type Call, capturedInsert } from './captured-insert.ts'
import { capturedText } from './captured-text.ts'
import { type ClientSession, sessionOf } from './client-session.ts'
import { planInsert } from './insert-plan.ts'
import { isOwnCall } from './own-calls.ts'
import { snapshotParams } from './snapshot-params.ts'

/** Captures every client of a copy of `@clickhouse/client`. */
export const instrument: Instrument = {
  module: '@clickhouse/client',
  accepts: isLibrary,
  install(exports, sink) {
    if (!isLibrary(exports)) throw invalidArgument('expected the exports of @clickhouse/client, got something else')
    return patchClient(ownerOf(exports.ClickHouseClient.prototype, 'insert'), sink)
  },
}

/** Captures one client; without a sink, only checks that it is a client. */
export function captureClient(client: unknown, sink: CaptureSink | undefined): void {
  if (!isClient(client)) {
    throw invalidArgument(
      `capture(client): expected a client of @clickhouse/client, got ${typeof client}`,
      'Pass what createClient() gave.',
    )
  }
  if (sink) patchClient(client, sink)
}

const patch = sharedPatch(Symbol.for('dustpan/clickhouse/patch'))
const methods = { insert: insertCall, command: textCall, exec: textCall, query: textCall }

function patchClient(target: object, sink: CaptureSink): Disposable {
  const owner = {}
  return asOne(
    Object.entries(methods).map(([name, captured]) =>
      patch(target, name, owner, (original) => capturing(original, sink, captured)),
    ),
  )
}

type CallContext = Omit<Call<never>, 'plan' | 'table' | 'params' | 'run'> & { readonly session: ClientSession }

function capturing(
  original: PatchedCall,
  sink: CaptureSink,
  captured: (
    context: CallContext,
    params: unknown,
    run: (params: unknown) => Promise<unknown>,
  ) => Promise<unknown> | undefined,
): Method {
  return function call(this: Client, params: unknown, ...rest: readonly unknown[]): unknown {
    const run = (given: unknown) => original.call(this, given, ...rest) as Promise<unknown>
    if (!sink.active || typeof params !== 'object' || params === null || isOwnCall(params)) return run(params)
    const session = sessionFor(this, sink)
    if (!session) return run(params)
    const context = { client: this, session, sink, begin: sink.beginHere(call, 'later') }
    return captured(context, params, run) ?? run(params)
  }
}

function insertCall(context: CallContext, given: unknown, run: (params: unknown) => Promise<unknown>) {
  const { table, values } = given as InsertParams
  if (typeof table !== 'string' || (Array.isArray(values) && values.length === 0)) return undefined
  const params = snapshotParams(given as InsertParams)
  const plan: Call<InsertParams>['plan'] = (found, unmarked) =>
    planInsert(
      params,
      found,
      unmarked ? undefined : context.sink.marker,
      context.session.hasOwnZone(params.clickhouse_settings),
    )
  return capturedInsert<InsertParams>({ ...context, params, run, plan, table })
}

function textCall(context: CallContext, params: unknown, run: (params: unknown) => Promise<unknown>) {
  return capturedText(context, params as TextParams, run)
}

function sessionFor(client: Client, sink: CaptureSink): ClientSession | undefined {
  try {
    return sessionOf(client)
  } catch {
    sink.warn(
      'DUSTPAN_SQL_UNATTRIBUTED',
      '@clickhouse/client',
      'Rows inserted through a client of @clickhouse/client are not tracked: it does not tell where it leads to',
    )
    return undefined
  }
}
