/** Brings runs of other machines into this one's folder, as far as the shared ledger has them: readers need not know of it. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { clock } from '../clock/clock.ts'
import { changesIn, copyOf, ownJournals, writeCopy, writerOf } from '../ledger/journal-copies.ts'
import { makeFolder } from '../ledger/open-for-appending.ts'
import type { RunId, WriterId } from '../resource/resource.ts'
import { isPlainName, type SharedLedger, type SharedRunState } from './shared-ledger.ts'

/** Whether a run is to be known here: `index` 0 is the newest. */
export type IsWanted = (run: SharedRunState, index: number) => boolean

/** What is there already, and was not added to, is not asked for again. `wanted`: one run, by its id. Gives what the shared ledger has of them. */
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
  tellHeard(folder, run, at)
}

function ownWriters(folder: string): ReadonlySet<WriterId> {
  try {
    return new Set(ownJournals(folder).map(writerOf))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Set()
    throw error
  }
}

/** A run that has nothing to record is alive all the same: in this file its last sign of life stands as an event, by this machine's clock. */
const heardFile = (folder: string): string => copyOf(folder, 'heard')

function tellHeard(folder: string, { heard }: SharedRunState, at: number): void {
  const file = heardFile(folder)
  const before = heardBefore(file)
  if (before?.heard === heard && Math.abs(before.t - at) < jitterMs) return
  const fresh = `${file}.${process.pid}.new`
  writeFileSync(fresh, `${JSON.stringify({ v: 1, n: 0, t: at, e: 'heard', heard })}\n`, { mode: 0o600 })
  renameSync(fresh, file)
}

/** By so much two looks at the same sign of life differ; by more where this machine's clock was set in between. */
const jitterMs = 2_000

function heardBefore(file: string): { readonly heard: string; readonly t: number } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
