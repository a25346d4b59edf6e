/** The first pass over a large run's journals: everything but the creations, which are the bulk of it, and what became of these. */
import type { LedgerEvent } from '../journal/events.ts'
import { mentionedIn } from '../journal/mentioned.ts'
import { linesIn, parseLine } from '../journal/read.ts'
import { type Fates, newFates } from './fates.ts'
import { type ScopeHistories, scopeHistories } from './scope-histories.ts'
import { type TimeSpan, timeSpan } from './time-span.ts'

type Ended = Extract<LedgerEvent, { e: 'removal.ended' }>

/** A batch whose resources were all removed with the same outcome. */
export interface RemovedBatch {
  readonly begun: Extract<LedgerEvent, { e: 'removal.begun' }>
  readonly ended: Ended
  readonly file: string
}

export interface Placed {
  readonly file: string
  readonly event: LedgerEvent
}

export interface Torn {
  readonly file: string
  readonly line: number
}

export interface Survey {
  /** All events but creations, scope events, and batches in which everything was removed. */
  readonly events: Placed[]
  /** Creations in lines that are not formatted as usual. */
  readonly odd: Placed[]
  readonly torn: Torn[]
  readonly scopes: ScopeHistories
  readonly removed: RemovedBatch[]
  readonly fates: Fates
  readonly times: TimeSpan
}

/** Matches creation lines as Dustpan writes them, without parsing. */
const creation = /^\{"v":1,"n":\d+,"t":\d+,"e":"(?:created|create\.intended|create\.none)"/

/** Lines for the second pass. */
export const isCreation = (line: string): boolean => creation.test(line)

export function survey(files: readonly string[]): Survey {
  const surveyed: Survey = {
    ...{ events: [], odd: [], torn: [], removed: [] },
    ...{ scopes: scopeHistories(), fates: newFates(), times: timeSpan() },
  }
  for (const file of files) surveyFile(file, surveyed)
  for (const [index, { begun }] of surveyed.removed.entries()) surveyed.fates.markRemoved(begun.ids, index)
  return surveyed
}

function surveyFile(file: string, surveyed: Survey): void {
  const { events, torn, fates, times } = surveyed
  const open: OpenBatches = new Map()
  let number = 0
  for (const line of linesIn(file)) {
    number++
    const isForSecondPass = isCreation(line)
    if (line === '' || (isForSecondPass && !line.includes('"dependsOn"'))) continue
    const event = parseLine(line)
    if (event) fates.markOther(mentionedIn(event))
    if (isForSecondPass) continue
    if (event === undefined) torn.push({ file, line: number })
    else {
      times.take(event)
      takeEvent({ file, event }, surveyed, open)
    }
  }
  for (const event of open.values()) {
    fates.markOther(event.ids)
    events.push({ file, event })
  }
}

type OpenBatches = Map<string, RemovedBatch['begun']>

function takeEvent(placed: Placed, { events, odd, scopes, removed }: Survey, open: OpenBatches): void {
  const { file, event } = placed
  if (event.e === 'removal.begun') open.set(event.batch, event)
  else if (event.e === 'scope.opened' || event.e === 'scope.closed' || event.e === 'policy') scopes.take(file, event)
  else if (event.e === 'removal.ended' && isUniform(event) && open.has(event.batch)) {
    removed.push({ begun: open.get(event.batch) as RemovedBatch['begun'], ended: event, file })
    open.delete(event.batch)
  } else if (event.e === 'created') odd.push(placed)
  else events.push(placed)
}

const isUniform = ({ outcomes, others }: Ended): boolean => outcomes.length === 0 && others?.state === 'removed'
