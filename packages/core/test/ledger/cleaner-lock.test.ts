import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lockRun } from '../../src/ledger/cleaner-lock.ts'
import { type ProcessIdentity, thisProcess } from '../../src/ledger/process-identity.ts'

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
  ['whose pid has been given to another process since', { pidStart: '1' }],
  ['of a process that is no more', { pid: 2 ** 22 + 1 }],
  ['from before the machine was started', { boot: 'another' }],
] as const)('a lock %s is passed by the next number, and stays', ([, owner]) => {
  leaveLock(owner)
  const lock = lockRun(dir, 'run-1')
  expect(locks()).toEqual(['clean.0.lock', 'clean.1.lock'])
  expect(() => lockRun(dir, 'run-1')).toThrow('is being cleaned up by process')
  lock[Symbol.dispose]()
  expect(locks()).toEqual(['clean.0.lock'])
})

test.for([
  ['of another machine', JSON.stringify({ ...thisProcess(), host: 'elsewhere', pid: 1 })],
  ['of another pid namespace', JSON.stringify({ ...thisProcess(), pidNs: 'pid:[1]', pid: 2 ** 22 + 1 })],
  ['that is not written to its end', '{"host":'],
] as const)('a lock %s is not known to be dead, and holds', ([, content]) => {
  writeFileSync(join(folder, 'clean.3.lock'), content)
  expect(() => lockRun(dir, 'run-1')).toThrow(expect.objectContaining({ code: 'DUSTPAN_RUN_LOCKED' }))
  expect(locks()).toEqual(['clean.3.lock'])
})
