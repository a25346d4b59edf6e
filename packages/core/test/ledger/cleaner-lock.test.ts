import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { clock } from '../../src/clock/clock.ts'
import { lockRun } from '../../src/ledger/cleaner-lock.ts'
import { type ProcessIdentity, thisProcess } from '../../src/processes/process-identity.ts'

let dir: string
let folder: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'dustpan-lock-'))
  folder = join(dir, 'runs', 'run-1')
  mkdirSync(folder, { recursive: true })
})
afterEach(() => rmSync(dir, { recursive: true }))

const locks = () => readdirSync(folder).sort()
const leaveLock = (owner: Partial<ProcessIdentity>) =>
  writeFileSync(join(folder, 'clean.0.lock'), JSON.stringify({ ...thisProcess(), ...owner }))

test('a lock keeps others out until it is disposed', () => {
  const lock = lockRun(dir, 'run-1')
  expect(locks()).toEqual(['clean.0.lock'])
  expect(() => lockRun(dir, 'run-1')).toThrow(expect.objectContaining({ code: 'DUSTPAN_RUN_LOCKED' }))
  lock[Symbol.dispose]()
  expect(locks()).toEqual([])
  lockRun(dir, 'run-1')[Symbol.dispose]()
})

test.for([
  ['whose pid now belongs to another process', { pidStart: '1' }],
  ['of a dead process', { pid: 2 ** 22 + 1 }],
  ['from before a reboot', { boot: 'another' }],
] as const)('a lock %s is superseded by the next number, and stays on disk', ([, owner]) => {
  leaveLock(owner)
  const lock = lockRun(dir, 'run-1')
  expect(locks()).toEqual(['clean.0.lock', 'clean.1.lock'])
  expect(() => lockRun(dir, 'run-1')).toThrow('is being cleaned up by process')
  lock[Symbol.dispose]()
  expect(locks()).toEqual(['clean.0.lock'])
})

const unseen = [
  ['of another machine', JSON.stringify({ ...thisProcess(), host: 'elsewhere', pid: 1 })],
  ['of another pid namespace', JSON.stringify({ ...thisProcess(), pidNs: 'pid:[1]', pid: 2 ** 22 + 1 })],
  ['that is incomplete', '{"host":'],
] as const

test.for(unseen)('a lock %s may be alive, and holds', ([, content]) => {
  leave('clean.3.lock', content, 9)
  expect(() => lockRun(dir, 'run-1')).toThrow(expect.objectContaining({ code: 'DUSTPAN_RUN_LOCKED' }))
  expect(locks()).toEqual(['clean.3.lock'])
})

test.for(unseen)('a lock %s that was not renewed for more than ten minutes is superseded', ([, content]) => {
  leave('clean.3.lock', content, 11)
  using _lock = lockRun(dir, 'run-1')
  expect(locks()).toEqual(['clean.3.lock', 'clean.4.lock'])
})

test('a lock of a live process holds, however old it is', () => {
  leave('clean.0.lock', JSON.stringify(thisProcess()), 600)
  expect(() => lockRun(dir, 'run-1')).toThrow(expect.objectContaining({ code: 'DUSTPAN_RUN_LOCKED' }))
})

test('a lock is renewed every minute until it is released', () => {
  const timers = vi.spyOn(clock, 'setTimeout')
  const lock = lockRun(dir, 'run-1')
  const file = join(folder, 'clean.0.lock')
  const content = readFileSync(file, 'utf8')
  for (const round of [0, 1]) {
    const [renew, ms] = timers.mock.calls[round] as [() => void, number]
    expect(ms).toBe(60_000)
    leave('clean.0.lock', content, 9)
    renew()
    expect(Date.now() - statSync(file).mtimeMs).toBeLessThan(480_000)
    expect(readFileSync(file, 'utf8')).toBe(content)
  }
  lock[Symbol.dispose]()
  const renewLate = timers.mock.calls[2]?.[0] as () => void
  renewLate()
  expect(locks()).toEqual([])
  vi.restoreAllMocks()
})

const leave = (name: string, content: string, minutesAgo: number) => {
  const file = join(folder, name)
  writeFileSync(file, content)
  const then = Date.now() / 1000 - minutesAgo * 60
  utimesSync(file, then, then)
}
