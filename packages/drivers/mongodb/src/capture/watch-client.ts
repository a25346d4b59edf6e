/**
 * Patches the class of the client's sockets, through which all commands go, and which the library does not export. A
 * client is noticed when it connects, and before each command, by the session that it starts; then its connection pool
 * is patched, and with the first socket that the pool hands out, the socket's class.
 */
import { asOne, type CaptureSink, type Method, type PatchedCall } from '@dustpan/core/driver'
import type { Connection, Ejson, MongoClient } from '../mongo.ts'
import type { Captor, Captors } from './captor.ts'
import { captureCommands } from './captured-command.ts'
import { registerCopy } from './doubts.ts'
import { patch } from './patch.ts'
import type { CaptureRules } from './rules.ts'

export function isClient(value: object): value is MongoClient {
  const { connect, startSession, db } = value as Partial<MongoClient>
  return [connect, startSession, db].every((method) => typeof method === 'function')
}

/** Captures one client; given the prototype, all clients. */
export function watchClient(client: MongoClient, sink: CaptureSink, rules: CaptureRules, ejson?: Ejson): Disposable {
  if (ejson) registerCopy(ejson)
  const captor: Captor = { sink, rules, ejson, installed: new Set(), seen: new WeakSet() }
  for (const method of ['connect', 'startSession']) captor.installed.add(patch(client, method, captor, patchingPools))
  patchPools(client, new Set([captor]))
  return {
    [Symbol.dispose]() {
      asOne(captor.installed)[Symbol.dispose]()
      captor.installed.clear()
    },
  }
}

/** Tries before and after the call: after `connect` there is a pool. */
function patchingPools(original: PatchedCall, captors: Captors): Method {
  return function (this: never, ...args: never[]): unknown {
    patchPools(this, captors)
    const result: unknown = original.apply(this, args)
    return result instanceof Promise ? result.finally(() => patchPools(this, captors)) : result
  }
}

/** The newest captor for which a topology or class was patched; it need not be checked again. */
const patchedFor = new WeakMap<object, Captor | undefined>()

function patchPools({ topology }: MongoClient, captors: Captors): void {
  if (!topology || isPatched(topology, captors)) return
  for (const { pool } of topology.s?.servers?.values() ?? []) {
    const owner = pool && ownerOf(pool, ['checkOut'])
    if (!owner) continue
    install(owner, captors, (captor) => patch(owner, 'checkOut', captor, patchingSocket))
    patchedFor.set(topology, newest(captors))
  }
}

function patchingSocket(original: PatchedCall, captors: Captors): Method {
  return async function (this: never, ...args: never[]): Promise<unknown> {
    const connection = (await original.apply(this, args)) as Connection
    const prototype = Object.getPrototypeOf(connection) as object
    if (!isPatched(prototype, captors)) patchSocket(connection, captors)
    patchedFor.set(prototype, newest(captors))
    return connection
  }
}

function patchSocket(connection: Connection, captors: Captors): void {
  const owner = ownerOf(connection, ['command', 'sendCommand'])
  if (owner) install(owner, captors, (captor) => captureCommands(owner as Connection, captor))
  else for (const { sink } of captors) warnOfUnknown(sink)
}

function isPatched(value: object, captors: Captors): boolean {
  return patchedFor.has(value) && patchedFor.get(value) === newest(captors)
}

function newest(captors: Captors): Captor | undefined {
  let last: Captor | undefined
  for (const captor of captors) last = captor
  return last
}

function install(owner: object, captors: Captors, by: (captor: Captor) => Disposable): void {
  for (const captor of captors) {
    if (captor.seen.has(owner)) continue
    captor.seen.add(owner)
    captor.installed.add(by(captor))
  }
}

/** The prototype that defines all of the methods itself; the class for encrypted connections only extends it. */
function ownerOf(value: object, methods: readonly string[]): object | undefined {
  for (let at: object | null = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) {
    const owner = at
    if (methods.every((name) => Object.hasOwn(owner, name))) return owner
  }
  return undefined
}

function warnOfUnknown(sink: CaptureSink): void {
  sink.warn(
    'DUSTPAN_DRIVER_UNAVAILABLE',
    'mongodb',
    'The installed version of mongodb is made another way than those that are supported (^6.10 || ^7), so what it creates is not tracked',
  )
}
