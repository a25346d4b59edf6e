/** Creates drivers, connections and removal targets as the core does. */
import { connectTo, driverContext, removalContext } from '@dustpan/conformance/drivers/driver'
import type {
  CreateDriver,
  Driver,
  Proof,
  Removal,
  RemovalContext,
  StoreConnection,
  Target,
} from '@dustpan/core/driver'
import { createDriver } from '../../src/driver.ts'
import { fileStore } from '../../src/identity.ts'

type Options = Parameters<CreateDriver>[1]

export function driverOf(options: Options, root = import.meta.dirname, environment = 'local'): Driver {
  return createDriver('main', options, driverContext(root, { environment }))
}

export const connected = (driver: Driver, id: string): Promise<StoreConnection> =>
  connectTo(driver, { driver: 'main', id })

export function toFile(file: string, options: object = {}): Promise<StoreConnection> {
  return connected(driverOf({ file, ...options }), fileStore(file) ?? '')
}

export function row(
  table: string,
  key: Target['key'],
  columns: readonly string[] = ['id'],
  proof: Partial<Proof> = {},
): Target {
  return target(
    `${table} ${typeof key === 'object' ? JSON.stringify(key) : key}`,
    table,
    key,
    { table, columns },
    proof,
  )
}

export function target(
  id: string,
  type: string,
  key: Target['key'],
  args: Removal['args'],
  proof: Partial<Proof> = {},
): Target {
  const removal = { driver: 'main', op: 'delete-row', v: 1, args }
  return { id, type, key, removal, proof: { strength: 'key-only', ...proof }, createdAt: 0 }
}

/** The outcome of each target as `state why`, by its id. */
export async function removed(
  store: StoreConnection,
  targets: readonly Target[],
  change: Partial<RemovalContext> = {},
) {
  const outcomes = await store.remove(targets, removalContext(change))
  return Object.fromEntries(
    [...outcomes].map(([id, outcome]) => {
      const why = 'why' in outcome ? outcome.why : 'error' in outcome ? outcome.error?.code : undefined
      return [id, why === undefined ? outcome.state : `${outcome.state} ${why}`]
    }),
  )
}
