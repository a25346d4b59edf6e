/**
 * The way to the one place through which all commands go: the class of the client's sockets, which the library does not export. A client is seen
 * when it connects, and before each of its commands, by the session that it opens for it; its pool hands out a socket, whose class is patched.
 */
import { asOne, type CaptureSink, type Method, type PatchedCall } from '@dustpan/core/driver'
import type { Connection, Ejson, MongoClient } from '../mongo.ts'
import type { Captor, Captors } from './captor.ts'
import { captureCommands } from './captured-command.ts'
import { seeCopy } from './doubts.ts'
import { patch } from './patch.ts'
import type { CaptureRules } from './rules.ts'

export function isClient(value: object): value is MongoClient {
  const { connect, startSession, db } = value as Partial<MongoClient>
  return [connect, startSession, db].every((method) => typeof method === 'function')
}

/** One client, or of a prototype all clients. */
export function watchClient(client: MongoClient, sink: CaptureSink, rules: CaptureRules, ejson?: Ejson): Disposable {
  if (ejson) seeCopy(ejson)
  const captor: Captor = { sink, rules, ejson, installed: new Set(), seen: new WeakSet() }
  for (const method of ['connect', 'startSession']) captor.installed.add(patch(client, method, captor, reaching))
  reach(client, new Set([captor]))
  return {
    [Symbol.dispose]() {
      asOne(captor.installed)[Symbol.dispose]()
      captor.installed.clear()
    },
  }
}

/** Before and after: what connects has a pool then. */
function reaching(original: PatchedCall, captors: Captors): Method {
  return function (this: never, ...args: never[]): unknown {
    reach(this, captors)
    const result: unknown = original.apply(this, args)
    return result instanceof Promise ? result.finally(() => reach(this, captors)) : result
  }
}

/** By which captor as the last one a topology, or a class, was found: it need not be looked at again. */
const found = new WeakMap<object, Captor | undefined>()

function reach({ topology }: MongoClient, captors: Captors): void {
  if (!topology || isFound(topology, captors)) return
  for (const { pool } of topology.s?.servers?.values() ?? []) {
    const owner = pool && ownerOf(pool, ['checkOut'])
    if (!owner) continue
    install(owner, captors, (captor) => patch(owner, 'checkOut', captor, meeting))
    found.set(topology, newest(captors))
  }
}

function meeting(original: PatchedCall, captors: Captors): Method {
  return async function (this: never, ...args: never[]): Promise<unknown> {
    const connection = (await original.apply(this, args)) as Connection
    const its = Object.getPrototypeOf(connection) as object
    if (!isFound(its, captors)) meet(connection, captors)
    found.set(its, newest(captors))
    return connection
  }
}

function meet(connection: Connection, captors: Captors): void {
  const owner = ownerOf(connection, ['command', 'sendCommand'])
  if (owner) install(owner, captors, (captor) => captureCommands(owner as Connection, captor))
  else for (const { sink } of captors) warnOfUnknown(sink)
}

function isFound(value: object, captors: Captors): boolean {
  return found.has(value) && found.get(value) === newest(captors)
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

/** The prototype that has all of the methods itself: a class for encrypted connections only extends it. */
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
