/**
 * A run's outline, a short summary beside its journals: `outline.json`. Callers that need no more do not read the journals. It names the
 * files it was made from, and is void once one of them changes.
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isJournal } from '../journal/compacted-journal.ts'
import type { WriterIdentity } from '../journal/events.ts'
import { readRun } from '../journal/read.ts'
import { isGone, type RunId, type State } from '../resource/resource.ts'
import { foldRun } from './fold.ts'
import type { FoldedRun } from './folded-run.ts'
import { isGoingOn } from './liveness.ts'
import { type RunToCount, runToCount } from './run-to-count.ts'

export interface RunOutline extends Pick<FoldedRun, 'startedAt' | 'latestAt' | 'ended' | 'endedInParts'> {
  readonly writers: readonly WriterIdentity[]
  /** How many resources are in each state. */
  readonly states: { readonly [S in State]?: number }
  /** The number of creations whose result is unknown. */
  readonly intents: number
  /** The number of resources not known to be gone that have a removal with an unknown result. */
  readonly unsure?: number
}

/** Size and modification time of each journal. */
export type Journals = Readonly<Record<string, string>>

interface OutlineFile {
  readonly v: 1
  readonly journals: Journals
  readonly outline: RunOutline
}

/** Reads the stored outline, or makes one, and stores it if the run is over. @throws DustpanError `DUSTPAN_UNKNOWN_RUN` */
export function outlineOf(dir: string, run: RunId): RunOutline {
  const known = readOutline(dir, run)
  if (known) return known
  const { run: folded, weightOf } = countAndOutline(dir, run)
  return outlineOfFold(folded, weightOf)
}

/** The whole fold of a run; also stores the outline. @throws DustpanError `DUSTPAN_UNKNOWN_RUN` */
export function foldAndOutline(dir: string, run: RunId): FoldedRun {
  const journals = journalsIn(dir, run)
  const folded = foldRun(run, readRun(dir, run))
  keepOutline(dir, folded, journals)
  return folded
}

/** Like {@link foldAndOutline}, for callers that only count. @throws DustpanError `DUSTPAN_UNKNOWN_RUN` */
export function countAndOutline(dir: string, id: RunId): RunToCount {
  const journals = journalsIn(dir, id)
  const counted = runToCount(dir, id)
  keepOutline(dir, counted.run, journals, counted.weightOf)
  return counted
}

/** Whether nothing is left or unknown: the run has ended, and all resources are gone, or are never removed. */
export function isSettled(outline: RunOutline | undefined): outline is RunOutline {
  if (!outline) return false
  const { ended, states, intents } = outline
  const open = (Object.keys(states) as State[]).filter(
    (state) => !isGone(state) && state !== 'shared' && state !== 'audit',
  )
  return ended !== undefined && intents === 0 && open.length === 0
}

/** Undefined if there is none, or if the journals have changed. */
export function readOutline(dir: string, run: RunId): RunOutline | undefined {
  try {
    const { v, journals, outline } = JSON.parse(readFileSync(outlineFile(dir, run), 'utf8')) as Partial<OutlineFile>
    const isOutline = v === 1 && Array.isArray(outline?.writers) && typeof outline.states === 'object'
    return isOutline && isSame(journals, journalsIn(dir, run)) ? outline : undefined
  } catch {
    return undefined
  }
}

/** Call this before reading the journals: lines added meanwhile then make the outline void, not wrong. */
export function journalsIn(dir: string, run: RunId): Journals {
  const folder = join(dir, 'runs', run)
  try {
    const names = readdirSync(folder).filter(isJournal).sort()
    return Object.fromEntries(
      names.map((name) => {
        const { size, mtimeMs } = statSync(join(folder, name))
        return [name, `${size} ${mtimeMs}`]
      }),
    )
  } catch {
    return {}
  }
}

/** A run's folder may exist before its first record, or for the reaper's own report. */
export const isOnRecord = (dir: string, run: RunId): boolean => Object.keys(journalsIn(dir, run)).length > 0

/** Stores the outline only of a run that is over; another one would soon be void. */
export function keepOutline(
  dir: string,
  folded: FoldedRun,
  journals: Journals,
  weightOf: RunToCount['weightOf'] = one,
): void {
  if (isGoingOn(folded) || !Number.isFinite(folded.startedAt)) return
  writeOutline(dir, folded.id, outlineOfFold(folded, weightOf), journals)
}

const one = (): number => 1

/** A failure is ignored: readers work without it. */
export function writeOutline(dir: string, run: RunId, outline: RunOutline, journals: Journals): void {
  const file = outlineFile(dir, run)
  const fresh = `${file}.${process.pid}.new`
  const content: OutlineFile = { v: 1, journals, outline }
  try {
    writeFileSync(fresh, `${JSON.stringify(content)}\n`, { mode: 0o600 })
    renameSync(fresh, file)
  } catch {
    rmSync(fresh, { force: true })
  }
}

function outlineOfFold(folded: FoldedRun, weightOf: RunToCount['weightOf']): RunOutline {
  const { writers, startedAt, latestAt, ended, endedInParts, intents, resources } = folded
  const states: { [S in State]?: number } = {}
  let unsure = 0
  for (const { id, state, interrupted } of resources.values()) {
    states[state] = (states[state] ?? 0) + weightOf(id)
    if (interrupted && !isGone(state)) unsure += weightOf(id)
  }
  return {
    ...{ writers, startedAt, latestAt, endedInParts, states, intents: intents.size },
    ended,
    ...(unsure > 0 ? { unsure } : {}),
  }
}

const outlineFile = (dir: string, run: RunId): string => join(dir, 'runs', run, 'outline.json')

const isSame = (a: Journals | undefined, b: Journals): boolean => JSON.stringify(a) === JSON.stringify(b)
