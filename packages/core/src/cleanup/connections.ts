/** One connection per driver instance and store, opened on first use; used by one caller at a time if the store requires it. */
import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import { guardReach, guardStore } from '../planning/guard.ts'
import type { StoreConnection } from '../resource/connection.ts'
import type { Driver } from '../resource/driver.ts'
import type { StoreRef } from '../resource/resource.ts'
import { late, untilDeadline } from './deadline.ts'
import { readOnlyConnection } from './shadow.ts'

export interface Connections extends AsyncDisposable {
  /**
   * Calls `work` with the store's connection; returns `late` if the deadline came first. A connection that failed or hung is not reused.
   * @throws DustpanError when the connection is refused or cannot be opened; whatever `work` throws.
   */
  use<T>(driver: Driver, store: StoreRef, deadline: number, work: Work<T>): Promise<T | typeof late>
  /** Whether a caller waited in vain for the store, and it has not answered since: then no other caller waits as long again. */
  isAway(driver: Driver, store: StoreRef): boolean
  noteAway(driver: Driver, store: StoreRef, isAway: boolean): void
  /** Closes transient connections once the last of the overlapping rounds is over. */
  round<T>(work: () => Promise<T>): Promise<T>
}

type Work<T> = (connection: StoreConnection, signal: AbortSignal) => Promise<T>

interface OpenConnection {
  readonly connection: Promise<StoreConnection>
  users: number
  broken: boolean
  transient: boolean
}

/** Time limit for closing a connection that may hang. */
const closingMs = 5000

export function openConnections(settings: Settings): Connections {
  const open = new Map<string, OpenConnection>()
  const queues = new Map<string, Promise<unknown>>()
  /** Maps a store's full key to the key it was opened with, for stores named by address only. */
  const answered = new Map<string, string>()
  const away = new Set<string>()
  let rounds = 0

  const connect = (key: string, driver: Driver, store: StoreRef, deadline: number, signal: AbortSignal) => {
    const known = open.get(key)
    if (known) return known
    guardReach(settings, store, driver.capabilities)
    const guard = (id: string) => guardStore(settings, { ...store, id })
    const connecting = async () => {
      const connection = await driver.connect(store, { signal, deadline, guard })
      return settings.shadow ? readOnlyConnection(connection, settings) : connection
    }
    const opened: OpenConnection = { connection: connecting(), users: 0, broken: false, transient: false }
    open.set(key, opened)
    return opened
  }

  const call = async <T>(key: string, driver: Driver, store: StoreRef, deadline: number, work: Work<T>) => {
    let used: OpenConnection | undefined
    let done = false
    try {
      const result = await untilDeadline(deadline, async (signal) => {
        used = connect(key, driver, store, deadline, signal)
        used.users++
        const connection = await used.connection
        used.transient = connection.transient === true
        const full = connection.store === undefined ? key : `${driver.name}\n${connection.store}`
        if (full !== key && !open.has(full)) answered.set(full, key)
        return work(connection, signal)
      })
      done = result !== late
      return result
    } finally {
      if (used) release(key, used, done)
    }
  }

  const release = (key: string, used: OpenConnection, done: boolean) => {
    used.users--
    used.broken ||= !done
    if (!used.broken && !isIdle(used)) return
    if (open.get(key) === used) forget(key)
    if (used.users === 0) void close(used)
  }

  const forget = (key: string) => {
    open.delete(key)
    for (const [full, named] of answered) if (named === key) answered.delete(full)
  }

  const isIdle = ({ transient, users }: OpenConnection) => transient && users === 0 && rounds === 0

  const closeIdle = async () => {
    const idle = [...open].filter(([, one]) => isIdle(one))
    for (const [key] of idle) forget(key)
    await Promise.all(idle.map(([, one]) => close(one)))
  }

  const keyOf = (driver: Driver, store: StoreRef) => {
    const named = `${driver.name}\n${store.id}`
    return answered.get(named) ?? named
  }

  return {
    isAway: (driver, store) => away.has(keyOf(driver, store)),
    noteAway: (driver, store, isAway) => void away[isAway ? 'add' : 'delete'](keyOf(driver, store)),
    async round(work) {
      rounds++
      try {
        return await work()
      } finally {
        rounds--
        await closeIdle()
      }
    },
    async use(driver, store, deadline, work) {
      const key = keyOf(driver, store)
      const run = () => call(key, driver, store, deadline, work)
      if (driver.capabilities.concurrency > 1) return run()
      const turn = (queues.get(key) ?? Promise.resolve()).then(run, run)
      queues.set(
        key,
        turn.catch(() => {}),
      )
      return turn
    },
    async [Symbol.asyncDispose]() {
      const all = [...open.values()]
      open.clear()
      answered.clear()
      await Promise.all(all.map(close))
    },
  }
}

/** Never rejects, and gives up after `closingMs`. */
async function close({ connection }: OpenConnection): Promise<void> {
  const closing = async () => (await connection)[Symbol.asyncDispose]()
  await untilDeadline(clock.now() + closingMs, closing).catch(() => {})
}
