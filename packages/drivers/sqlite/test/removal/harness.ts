/** Rows as the core would hand them to a connection. */
import type {
  CreateDriver,
  Driver,
  Proof,
  Removal,
  RemovalContext,
  StoreConnection,
  Target,
} from '@dustpan/core/driver'
import { clock } from '@dustpan/core/driver'
import { createDriver } from '../../src/driver.ts'
import { fileStore } from '../../src/identity.ts'
import type { Record } from '../recording-sink.ts'

type Options = Parameters<CreateDriver>[1]

export function driverOf(options: Options, root = import.meta.dirname, environment = 'local'): Driver {
  const functions = { cleaner: () => undefined, driverOption: () => undefined }
  return createDriver('main', options, { root, environment, functions })
}

export function connected(driver: Driver, id: string): Promise<StoreConnection> {
  return driver.connect(
    { driver: 'main', id },
    { signal: new AbortController().signal, deadline: clock.now() + 10_000 },
  )
}

export function toFile(file: string, options: object = {}): Promise<StoreConnection> {
  return connected(driverOf({ file, ...options }), fileStore(file) ?? '')
}

export function context(change: Partial<RemovalContext> = {}): RemovalContext {
  const signal = new AbortController().signal
  return { signal, deadline: clock.now() + 10_000, attempt: 1, batch: 'b', run: 'r', verify: 'auto', ...change }
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

export function recorded(record: Record): Target {
  const { id, type, key, removal, proof } = record
  return { id, type, key, removal, proof, createdAt: 0 }
}

/** `id: state why`, for each target. */
export async function removed(
  store: StoreConnection,
  targets: readonly Target[],
  change: Partial<RemovalContext> = {},
) {
  const outcomes = await store.remove(targets, context(change))
  return Object.fromEntries(
    [...outcomes].map(([id, outcome]) => {
      const why = 'why' in outcome ? outcome.why : 'error' in outcome ? outcome.error?.code : undefined
      return [id, why === undefined ? outcome.state : `${outcome.state} ${why}`]
    }),
  )
}
