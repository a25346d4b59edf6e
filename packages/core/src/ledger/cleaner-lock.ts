/** One cleaner at a time per run: `clean.<n>.lock` in the run's folder, created exclusively and renewed while held. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import { hasExpired, renewing } from '../processes/lease.ts'
import { isCertainlyDead, isObservable, type ProcessIdentity, thisProcess } from '../processes/process-identity.ts'
import type { RunId } from '../resource/resource.ts'

/**
 * Locks a run until disposed. A lock whose owner is certainly dead, or cannot be observed and has not renewed it for long, stays in place,
 * and is superseded by creating the next one: of several contenders, one succeeds.
 * @throws DustpanError `DUSTPAN_RUN_LOCKED` when another cleaner holds it, `DUSTPAN_LEDGER_UNWRITABLE`.
 */
export function lockRun(dir: string, run: RunId): Disposable {
  const folder = join(dir, 'runs', run)
  for (;;) {
    const latest = latestLock(folder)
    if (latest !== undefined && !maySupersede(run, lockFile(folder, latest))) continue
    const file = lockFile(folder, (latest ?? -1) + 1)
    if (create(file)) return heldLock(file)
  }
}

function heldLock(file: string): Disposable {
  const lease = renewing(file)
  return {
    [Symbol.dispose]() {
      lease[Symbol.dispose]()
      rmSync(file, { force: true })
    },
  }
}

/** Whether the lock may be superseded. False if it is gone by now: then the lowest number may belong to another cleaner. */
function maySupersede(run: RunId, file: string): boolean {
  const content = contentOf(file)
  if (content === undefined) return false
  const owner = ownerIn(content)
  const isFree = owner !== undefined && isObservable(owner) ? isCertainlyDead(owner) : hasExpired(file)
  if (!isFree) throw runLocked(run, file, owner)
  return true
}

const lockFile = (folder: string, n: number): string => join(folder, `clean.${n}.lock`)

function latestLock(folder: string): number | undefined {
  const numbers = readdirSync(folder).flatMap((name) => /^clean\.(\d+)\.lock$/.exec(name)?.[1] ?? [])
  return numbers.length === 0 ? undefined : Math.max(...numbers.map(Number))
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : ''
  }
}

/** Undefined if it cannot be read: it may just be being written. */
function ownerIn(content: string): ProcessIdentity | undefined {
  try {
    return (JSON.parse(content) as ProcessIdentity | null) ?? undefined
  } catch {
    return undefined
  }
}

/** False: another cleaner was first. */
function create(file: string): boolean {
  try {
    writeFileSync(file, `${JSON.stringify(thisProcess())}\n`, { flag: 'wx', mode: 0o600 })
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new DustpanError(
      'DUSTPAN_LEDGER_UNWRITABLE',
      `${file} could not be written, so nothing was removed: ${messageOf(cause)}`,
      { hint: 'Removals must be recorded: make the folder writable.', cause },
    )
  }
}

function runLocked(run: RunId, file: string, owner: ProcessIdentity | undefined): DustpanError {
  const who = owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host}`
  return new DustpanError('DUSTPAN_RUN_LOCKED', `Run ${run} is being cleaned up by ${who}, so nothing was removed.`, {
    hint: `Wait until it is done. If no cleaner is running there, delete ${file}; where that cannot be checked, the lock expires after ten minutes.`,
  })
}
