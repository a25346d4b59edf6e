/** The data of every store in the cases of removal by predicate: that of two people, some of it created by a test. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSettings, type Settings } from '@dustpan/core/ledger'

export interface Item {
  readonly id: number
  readonly name: string
  readonly owner: number
  readonly tags: readonly string[]
  readonly run: string | null
  readonly daysOld: number
}

export const users = [
  { id: 1, email: 'Ada@Example.com' },
  { id: 2, email: 'bob@example.com' },
] as const

export const items: readonly Item[] = [
  { id: 1, name: 'test-lamp', owner: 1, tags: ['test-data'], run: 'run-a', daysOld: 10 },
  { id: 2, name: 'lamp', owner: 1, tags: [], run: null, daysOld: 0 },
  { id: 3, name: 'test-chair', owner: 2, tags: ['test-data', 'staging'], run: '20260101-000000-run-b1', daysOld: 10 },
  { id: 4, name: 'chair', owner: 2, tags: [], run: null, daysOld: 10 },
  { id: 5, name: 'test_desk', owner: 1, tags: ['staging'], run: 'run-a', daysOld: 0.5 },
  { id: 6, name: 'TEST-DESK', owner: 2, tags: ['Test-Data'], run: 'run-ab', daysOld: 2 },
]

/** One-time passwords refer to their owner's address, in lower case. */
export const otps = [
  { id: 1, email: 'ada@example.com' },
  { id: 2, email: 'ada@example.com' },
  { id: 3, email: 'bob@example.com' },
] as const

/** Logs by user. */
export const logs = [
  { id: 1, user: 1 },
  { id: 2, user: 1 },
  { id: 3, user: 2 },
] as const

export interface Left {
  readonly users: readonly number[]
  readonly items: readonly number[]
  readonly otps: readonly number[]
  readonly logs: readonly number[]
}

export const everything: Left = {
  users: users.map(({ id }) => id),
  items: items.map(({ id }) => id),
  otps: otps.map(({ id }) => id),
  logs: logs.map(({ id }) => id),
}

/** The expected rest after these are removed. */
export function without(gone: Partial<Left>): Left {
  const rest = (of: keyof Left) => everything[of].filter((id) => !gone[of]?.includes(id))
  return { users: rest('users'), items: rest('items'), otps: rest('otps'), logs: rest('logs') }
}

export const dateOf = ({ daysOld }: Pick<Item, 'daysOld'>): Date => new Date(Date.now() - daysOld * 86_400_000 - 60_000)

/** Settings from a configuration file in a folder of its own, which disposing removes. */
export async function settingsFor(config: object, environment = 'test'): Promise<Settings & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'dustpan-by-predicate-'))
  await writeFile(join(folder, 'dustpan.config.json'), JSON.stringify(config))
  const settings = await loadSettings(folder, { DUSTPAN_ENVIRONMENT: environment })
  return { ...settings, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 10 }) }
}
