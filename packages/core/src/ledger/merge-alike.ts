/**
 * Reduces a large run to few events, for callers that only count: resources that are alike are merged into one. Otherwise a run of a
 * million resources would exceed the memory limit of listing runs.
 */

import type { LedgerEvent } from '../journal/events.ts'
import { type JournalContent, linesIn, parseLine } from '../journal/read.ts'
import type { IntentId, ResourceId } from '../resource/resource.ts'
import { alikeScopes } from './alike-scopes.ts'
import { setOf } from './fates.ts'
import { type Created, type Representatives, representatives } from './representatives.ts'
import { isCreation, type Placed, type RemovedBatch, survey, type Torn } from './survey.ts'

export interface MergedRun {
  readonly journals: readonly JournalContent[]
  /** How many resources this one represents. */
  weightOf(id: ResourceId): number
  /** Times of all events, including those left out. */
  readonly startedAt: number
  readonly latestAt: number
}

export function mergeAlike(files: readonly string[]): MergedRun {
  const { events, odd, torn, scopes, removed, fates, times } = survey(files)
  const alike = alikeScopes(scopes)
  const merged = representatives(fates, alike.of)
  const creations = files.flatMap((file) =>
    takeCreations(file, merged, times.take, (line) => torn.push({ file, line })),
  )
  for (const { file, event } of odd) merged.take(file, event as Created)
  const all = [...events, ...alike.events, ...creations, ...merged.events, ...removals(removed, merged)]
  return { journals: journalsOf(files, all, torn), weightOf: merged.weightOf, ...times.between() }
}

/** The second pass. Returns intents that are still open, or ended without a creation in this file. */
function takeCreations(
  file: string,
  merged: Representatives,
  take: (event: LedgerEvent) => void,
  lost: (line: number) => void,
): readonly Placed[] {
  const open = new Map<IntentId, LedgerEvent>()
  const others: LedgerEvent[] = []
  let line = 0
  for (const text of linesIn(file)) {
    line++
    if (!isCreation(text)) continue
    const event = parseLine(text)
    if (event) take(event)
    else lost(line)
    if (event?.e === 'create.intended') open.set(event.intent, event)
    else if (event?.e === 'created') merged.take(file, settled(event, open))
    else if (event?.e === 'create.none' && !open.delete(event.intent)) others.push(event)
  }
  return [...others, ...open.values()].map((event) => ({ file, event }))
}

/** Drops the creation's intent, unless another writer began it. */
function settled({ intent, ...event }: Created, open: Map<IntentId, unknown>): Created {
  return intent === undefined || open.delete(intent) ? event : { ...event, intent }
}

/** Batches of unmerged resources unchanged, and one batch for all merged ones. */
function removals(removed: readonly RemovedBatch[], { gone, isWhole }: Representatives): readonly Placed[] {
  const own = removed.flatMap((batch) =>
    batchOf(
      batch,
      batch.begun.ids.filter((id) => isWhole(setOf(id))),
    ),
  )
  const [one] = removed
  return one ? [...own, ...batchOf(one, gone, `${one.begun.batch} and others`)] : own
}

function batchOf(
  { begun, ended, file }: RemovedBatch,
  ids: readonly ResourceId[],
  batch = begun.batch,
): readonly Placed[] {
  if (ids.length === 0) return []
  return [
    { file, event: { ...begun, batch, ids } },
    { file, event: { ...ended, batch } },
  ]
}

function journalsOf(
  files: readonly string[],
  placed: readonly Placed[],
  torn: readonly Torn[],
): readonly JournalContent[] {
  const events = Map.groupBy(placed, ({ file }) => file)
  const lines = Map.groupBy(torn, ({ file }) => file)
  return files.map((file) => ({
    file,
    events: (events.get(file) ?? []).map(({ event }) => event),
    torn: (lines.get(file) ?? []).map(({ line }) => line).sort((a, b) => a - b),
  }))
}
