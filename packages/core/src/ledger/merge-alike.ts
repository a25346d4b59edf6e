/**
 * A large run in few events, for whoever only counts: things that nothing tells apart stand as one of them. A run of a million would not
 * fit into the memory that a list may take.
 */
import type { IntentId, ResourceId } from '../resource/resource.ts'
import { alikeScopes } from './alike-scopes.ts'
import type { LedgerEvent } from './events.ts'
import { setOf } from './fates.ts'
import { type JournalContent, linesIn, parseLine } from './read.ts'
import { type Created, type Representatives, representatives } from './representatives.ts'
import { isCreation, type Placed, type RemovedBatch, survey, type Torn } from './survey.ts'

export interface MergedRun {
  readonly journals: readonly JournalContent[]
  /** How many things a resource stands for. */
  weightOf(id: ResourceId): number
  /** Of all events, also those that are left out. */
  readonly startedAt: number
  readonly latestAt: number
}

export function mergeAlike(files: readonly string[]): MergedRun {
  const { events, odd, torn, scopes, removed, fates, times } = survey(files)
  const alike = alikeScopes(scopes)
  const things = representatives(fates, alike.of)
  const creations = files.flatMap((file) =>
    takeCreations(file, things, times.take, (line) => torn.push({ file, line })),
  )
  for (const { file, event } of odd) things.take(file, event as Created)
  const all = [...events, ...alike.events, ...creations, ...things.events, ...removals(removed, things)]
  return { journals: journalsOf(files, all, torn), weightOf: things.weightOf, ...times.between() }
}

/** The second look. Gives what else was begun, or came to nothing. */
function takeCreations(
  file: string,
  things: Representatives,
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
    else if (event?.e === 'created') things.take(file, settled(event, open))
    else if (event?.e === 'create.none' && !open.delete(event.intent)) others.push(event)
  }
  return [...others, ...open.values()].map((event) => ({ file, event }))
}

/** Its intent is no more; one that another writer has begun stays with it. */
function settled({ intent, ...event }: Created, open: Map<IntentId, unknown>): Created {
  return intent === undefined || open.delete(intent) ? event : { ...event, intent }
}

/** Of those that stand for themselves as they were, and of all that stand for others one. */
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
