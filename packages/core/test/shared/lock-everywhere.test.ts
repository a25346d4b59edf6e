import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { clock } from '../../src/clock/clock.ts'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import { openLedgerRun } from '../../src/recovery/ledger-run.ts'
import { lockEverywhere } from '../../src/shared/lock-everywhere.ts'
import * as opening from '../../src/shared/open-shared-ledger.ts'
import { leaseMs, type SharedLedger } from '../../src/shared/shared-ledger.ts'
import { requireInstance } from '../../src/tracking/instance.ts'
import { close, row, testRun } from '../run.ts'
import { scratchFolder, settingsOf } from '../settings.ts'

vi.mock('../../src/shared/open-shared-ledger.ts')

/** The callbacks of timers. */
const turns: (() => void)[] = []
vi.mock('../../src/processes/every.ts', () => ({
  every(_ms: number, act: () => void) {
    turns.push(act)
    return { [Symbol.dispose]() {} }
  },
}))

test('a lease is released when locking fails after it was taken', async () => {
  const leases = new Set<string>()
  const ledger: Partial<SharedLedger> = {
    lease: async (_run, { lease }) => void leases.add(lease),
    runs: async () => {
      expect(leases.size).toBe(1)
      throw new DustpanError('DUSTPAN_LEDGER_AWAY', 'It went away.')
    },
    release: async (_run, { lease }) => void leases.delete(lease),
  }
  vi.mocked(opening.sharedLedger).mockResolvedValue(ledger as SharedLedger)
  const dir = scratchFolder()
  const folder = join(dir, 'runs', 'r1')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'w1.elsewhere.jsonl'), '')
  await expect(lockEverywhere({ ...settingsOf(), dir }, 'r1')).rejects.toMatchObject({ code: 'DUSTPAN_LEDGER_AWAY' })
  expect([leases.size, readdirSync(folder)]).toEqual([0, ['w1.elsewhere.jsonl']])
})

/** A run with two resources whose cleaner renews its lease during each removal. */
async function cleanedUp(renew: SharedLedger['renew'], also = () => {}) {
  const { store, main, openTest, states } = await testRun({ cleanup: { strategy: 'manual' } })
  const scope = openTest('creates')
  scope.run(() => ['user', 'order'].map((type) => requireInstance('the test').track(row(store, type, 1))))
  await close(scope)
  await main.end('passed')
  const ledger: Partial<SharedLedger> = {
    lease: async () => undefined,
    runs: async () => [],
    identity: async () => 'one',
    positions: async () => new Map(),
    append: async () => {},
    keepOutline: async () => {},
    release: async () => {},
    renew,
  }
  vi.mocked(opening.sharedLedger).mockResolvedValue(ledger as SharedLedger)
  store.capabilities = { maxBatch: 1 }
  const { settings, run } = main.ticket
  const cleaner = await openLedgerRun(settings, { run, runner: 'test' }, 'cli')
  if (!cleaner) throw new Error('nothing is on record')
  await using _cleaner = cleaner
  turns.length = 0
  await using _lock = await lockEverywhere(settings, run)
  store.script = {
    remove() {
      for (const turn of turns) turn()
      also()
    },
  }
  try {
    await cleaner.remove([...cleaner.folded().resources.values()])
    return { states: states() }
  } catch (error) {
    return { error, states: states() }
  }
}

test('a cleaner that lost its lease stops with DUSTPAN_RUN_LOCKED', async () => {
  const { error, states } = await cleanedUp(async () => false)
  expect(error).toMatchObject({ code: 'DUSTPAN_RUN_LOCKED', message: expect.stringContaining('expired') })
  expect(Object.values(states).sort()).toEqual(['kept', 'removed'])
})

test('a cleaner that slept longer than its lease by either clock stops with DUSTPAN_RUN_LOCKED', async () => {
  for (const clockOf of ['now', 'monotonic'] as const) {
    const before = clock[clockOf].bind(clock)
    const late = () => void vi.spyOn(clock, clockOf).mockImplementation(() => before() + leaseMs)
    const { error, states } = await cleanedUp(() => Promise.reject(new Error('away')), late)
    vi.restoreAllMocks()
    expect(error, clockOf).toMatchObject({ code: 'DUSTPAN_RUN_LOCKED' })
    expect(Object.values(states).sort()).toEqual(['kept', 'removed'])
  }
})

test('a cleaner that renews its lease, or briefly cannot reach the ledger, continues', async () => {
  const [renewed, away] = [await cleanedUp(async () => true), await cleanedUp(() => Promise.reject(new Error('away')))]
  for (const { error, states } of [renewed, away])
    expect([error, Object.values(states)]).toEqual([undefined, ['removed', 'removed']])
})
