/** One connection per driver instance and store, opened when first needed, one user at a time where the store wants it so. */
import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import type { Driver, StoreConnection } from '../resource/driver.ts'
import type { StoreRef } from '../resource/resource.ts'
import { guardStore } from './guard.ts'

export interface Connections extends AsyncDisposable {
  /** Calls with the store's connection. @throws DustpanError when it is refused or cannot be opened. */
  use<T>(
    driver: Driver,
    store: StoreRef,
    deadline: number,
    work: (connection: StoreConnection) => Promise<T>,
  ): Promise<T>
}

export function openConnections(settings: Settings): Connections {
  const open = new Map<string, Promise<StoreConnection>>()
  const queues = new Map<string, Promise<unknown>>()

  const connect = (key: string, driver: Driver, store: StoreRef, deadline: number) => {
    let connection = open.get(key)
    if (!connection) {
      guardStore(settings, store)
      connection = driver.connect(store, { signal: AbortSignal.timeout(Math.max(1, deadline - clock.now())), deadline })
      open.set(key, connection)
      connection.catch(() => open.delete(key))
    }
    return connection
  }

  return {
    async use(driver, store, deadline, work) {
      const key = `${driver.name}\n${store.id}`
      const run = async () => work(await connect(key, driver, store, deadline))
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
      await Promise.allSettled(all.map(async (connection) => (await connection)[Symbol.asyncDispose]()))
    },
  }
}
