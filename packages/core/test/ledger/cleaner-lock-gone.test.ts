import fs, { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { lockRun } from '../../src/ledger/cleaner-lock.ts'
import { thisProcess } from '../../src/processes/process-identity.ts'
import { scratchFolder } from '../settings.ts'

const { readFileSync } = fs
afterEach(() => {
  fs.readFileSync = readFileSync
  syncBuiltinESMExports()
})

/** Another process releases the lock after it was listed; then `then` runs. */
function releasedBeforeItIsRead(file: string, then: () => void): void {
  fs.readFileSync = ((...args: Parameters<typeof readFileSync>) => {
    if (args[0] !== file) return readFileSync(...args)
    fs.readFileSync = readFileSync
    syncBuiltinESMExports()
    rmSync(file)
    try {
      return readFileSync(...args)
    } finally {
      then()
    }
  }) as typeof readFileSync
  syncBuiltinESMExports()
}

function lockedRun() {
  const dir = scratchFolder()
  const folder = join(dir, 'runs', 'run-1')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'clean.0.lock')
  const lock = () => writeFileSync(file, JSON.stringify(thisProcess()))
  lock()
  return { dir, file, lock, locks: () => readdirSync(folder).sort() }
}

test('a lock released and taken again by another process while it is read still holds', () => {
  const { dir, file, lock, locks } = lockedRun()
  releasedBeforeItIsRead(file, lock)
  expect(() => lockRun(dir, 'run-1')).toThrow(expect.objectContaining({ code: 'DUSTPAN_RUN_LOCKED' }))
  expect(locks()).toEqual(['clean.0.lock'])
})

test('a lock released while it is read is free, and numbering starts again', () => {
  const { dir, file, locks } = lockedRun()
  releasedBeforeItIsRead(file, () => {})
  using _lock = lockRun(dir, 'run-1')
  expect(locks()).toEqual(['clean.0.lock'])
})
