/** Helpers to use a driver directly, without the core. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type CreateDriver,
  clock,
  type Driver,
  type RemovalContext,
  type StoreConnection,
  type StoreRef,
  type Target,
} from '@dustpan/core/driver'
import type { Resource } from '@dustpan/core/ledger'
import { folderOf } from '../run/project-folder.ts'
import type { Options } from './subject.ts'

type DriverContext = Parameters<CreateDriver>[2]

export async function openDriver(use: string, name: string, options: Options, root: string): Promise<Driver> {
  const { createDriver } = (await import(pathToFileURL(join(folderOf(use), 'src/index.ts')).href)) as {
    createDriver: CreateDriver
  }
  return createDriver(name, options, driverContext(root))
}

/** The context that the core passes to a driver; `more` overrides parts of it. */
export function driverContext(root: string, more: Partial<DriverContext> = {}): DriverContext {
  const functions = { cleaner: () => undefined, driverOption: () => undefined }
  return { root, environment: 'test', functions, ...more }
}

export const connectTo = (driver: Driver, store: StoreRef): Promise<StoreConnection> =>
  driver.connect(store, removalContext())

export function removalContext(more: Partial<RemovalContext> = {}): RemovalContext {
  const time = 20_000
  return {
    ...{
      signal: AbortSignal.timeout(time),
      deadline: clock.now() + time,
      attempt: 1,
      batch: 'b',
      run: 'r',
      verify: 'auto',
    },
    ...more,
  }
}

/** The store of all given resources. */
export function storeOf([first]: readonly Resource[]): StoreRef {
  if (!first) throw new Error('Nothing is on record')
  return first.set.store
}

/** The removal targets of resources, as the pipeline passes them. */
export function targetsOf(resources: readonly Resource[]): readonly Target[] {
  return resources.flatMap(({ id, key, set: { type, steps, proof }, createdAt }) => {
    const [removal] = steps
    return removal && 'driver' in removal ? [{ id, type, key, removal, proof, createdAt }] : []
  })
}
