/**
 * What a run comes to, in a few lines beside its journals: `outline.json`. Whoever asks only for that need not read them. It says which
 * files it was made from, and counts for nothing as soon as one of them is another.
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isGone, type RunId, type State } from '../resource/resource.ts'
import { isJournal } from './compacted-journal.ts'
import type { WriterIdentity } from './events.ts'
import { foldRun } from './fold.ts'
import type { FoldedRun } from './folded-run.ts'
import { isGoingOn } from './liveness.ts'
import { readRun } from './read.ts'
import { type RunToCount, runToCount } from './run-to-count.ts'

export interface RunOutline extends Pick<FoldedRun, 'startedAt' | 'latestAt' | 'ended' | 'endedInParts'> {
  readonly writers: readonly WriterIdentity[]
  /** How many resources are in each state. */
  readonly states: { readonly [S in State]?: number }
  /** How many creations of which nobody knows what came of them. */
  readonly intents: number
  /** How many of what is not gone had a removal begun of which nobody knows what came of it. */
  readonly unsure?: number
}

/** Size and time of each journal. */
export type Journals = Readonly<Record<string, string>>

interface OutlineFile {
  readonly v: 1
  readonly journals: Journals
  readonly outline: RunOutline
}

/** Read where it is there, else made, and kept for the next reader once the run is over. @throws DustpanError `DUSTPAN_UNKNOWN_RUN` */
export function outlineOf(dir: string, run: RunId): RunOutline {
  const known = readOutline(dir, run)
  if (known) return known
  const { run: folded, weightOf } = countAndOutline(dir, run)
  return outlineOfFold(folded, weightOf)
}

/** The whole of a run; its outline is kept, as that was the dear part. @throws DustpanError `DUSTPAN_UNKNOWN_RUN` */
export function foldAndOutline(dir: string, run: RunId): FoldedRun {
  const journals = journalsIn(dir, run)
  const folded = foldRun(run, readRun(dir, run))
  keepOutline(dir, folded, journals)
  return folded
}

/** As {@link foldAndOutline}, for whoever only counts. @throws DustpanError `DUSTPAN_UNKNOWN_RUN` */
export function countAndOutline(dir: string, id: RunId): RunToCount {
  const journals = journalsIn(dir, id)
  const counted = runToCount(dir, id)
  keepOutline(dir, counted.run, journals, counted.weightOf)
  return counted
}

/** Nothing of it can be removed, and nothing is unknown: it has ended, and all is gone, or never was to go. */
export function isSettled(outline: RunOutline | undefined): outline is RunOutline {
  if (!outline) return false
  const { ended, states, intents } = outline
  const open = (Object.keys(states) as State[]).filter(
    (state) => !isGone(state) && state !== 'shared' && state !== 'audit',
  )
  return ended !== undefined && intents === 0 && open.length === 0
}

/** Undefined: there is none, or it is not of these journals. */
export function readOutline(dir: string, run: RunId): RunOutline | undefined {
  try {
    const { v, journals, outline } = JSON.parse(readFileSync(outlineFile(dir, run), 'utf8')) as Partial<OutlineFile>
    const isOutline = v === 1 && Array.isArray(outline?.writers) && typeof outline.states === 'object'
    return isOutline && isSame(journals, journalsIn(dir, run)) ? outline : undefined
  } catch {
    return undefined
  }
}

/** To be looked at before they are read: what is added meanwhile makes the outline void, never wrong. */
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

/** A folder may be there before anything is on record, or for what the reaper could not do. */
export const isOnRecord = (dir: string, run: RunId): boolean => Object.keys(journalsIn(dir, run)).length > 0

/** Of a run that is over; of another it would not hold for long. */
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

/** Where it cannot be written, readers do without. */
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
