/** Copies runs of other machines from the shared ledger into this machine's folder, so that readers need not know about the shared ledger. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { changesIn, copyOf, ownJournals, writeCopy, writerOf } from '../journal/journal-copies.ts'
import { makeFolder } from '../journal/open-for-appending.ts'
import type { RunId, WriterId } from '../resource/resource.ts'
import { isPlainName, type SharedLedger, type SharedRunState } from './shared-ledger.ts'

/** Whether to copy a run. `index` 0 is the newest. */
export type IsWanted = (run: SharedRunState, index: number) => boolean

/** Skips journals that are already here and have not grown. `wanted`: a filter, or one run's id. Returns these runs' states in the shared ledger. */
export async function bringIn(
  ledger: SharedLedger,
  dir: string,
  wanted: RunId | IsWanted = () => true,
): Promise<readonly SharedRunState[]> {
  const known = await (typeof wanted === 'string' ? ledger.runs(wanted) : ledger.runs())
  const runs = known.filter(({ run }) => isPlainName(run)).filter(typeof wanted === 'string' ? () => true : wanted)
  for (const run of runs) await bringInRun(ledger, dir, run)
  return runs
}

async function bringInRun(ledger: SharedLedger, dir: string, run: SharedRunState): Promise<void> {
  const folder = join(dir, 'runs', run.run)
  const own = ownWriters(folder)
  const writers = [...run.writers.keys()].filter((writer) => isPlainName(writer) && !own.has(writer))
  if (writers.length === 0) return
  makeFolder(dir, folder)
  const at = clock.now() - run.silentForMs
  for (const writer of writers) {
    const { changes } = run.writers.get(writer) as { changes: number }
    const copy = copyOf(folder, writer)
    if (changesIn(copy) !== changes) await writeCopy(copy, ledger.lines(run.run, writer), { changes, at })
  }
  noteHeard(folder, run, at)
}

function ownWriters(folder: string): ReadonlySet<WriterId> {
  try {
    return new Set(ownJournals(folder).map(writerOf))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set()
    throw error
  }
}

/** A run that has nothing to record is still alive: this file holds its last sign of life as an event, by this machine's clock. */
const heardFile = (folder: string): string => copyOf(folder, 'heard')

function noteHeard(folder: string, { heard }: SharedRunState, at: number): void {
  const file = heardFile(folder)
  const before = heardBefore(file)
  if (before?.heard === heard && Math.abs(before.t - at) < jitterMs) return
  const fresh = `${file}.${process.pid}.new`
  writeFileSync(fresh, `${JSON.stringify({ v: 1, n: 0, t: at, e: 'heard', heard })}\n`, { mode: 0o600 })
  renameSync(fresh, file)
}

/** Two reads of the same sign of life differ by no more than this, unless this machine's clock was set in between. */
const jitterMs = 2_000

function heardBefore(file: string): { readonly heard: string; readonly t: number } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
