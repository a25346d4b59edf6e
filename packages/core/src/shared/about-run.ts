/** Which machine and build a run belongs to, from the first lines of its journals: the rest of a large run need not be read. */
import { hostname } from 'node:os'
import { join } from 'node:path'
import { compactedLines } from '../journal/compacted-journal.ts'
import { isLedgerEvent } from '../journal/event-shape.ts'
import type { WriterIdentity } from '../journal/events.ts'
import { ownJournals } from '../journal/journal-copies.ts'
import { linesOf } from '../journal/lines-of.ts'
import type { RunId } from '../resource/resource.ts'
import type { SharedRun } from './shared-ledger.ts'

/** If no journal can be read, the run counts as this machine's. */
export function aboutRun(folder: string, run: RunId): SharedRun {
  const writers = ownJournals(folder).flatMap((name) => identityIn(join(folder, name)) ?? [])
  const main =
    writers.find(({ role }) => role === 'main') ?? writers.find(({ role }) => role === 'worker') ?? writers[0]
  return { run, host: main?.host ?? hostname(), ...(main?.build === undefined ? {} : { build: main.build }) }
}

function identityIn(journal: string): WriterIdentity | undefined {
  for (const line of firstLines(journal)) {
    try {
      const event: unknown = JSON.parse(line)
      if (isLedgerEvent(event) && event.e === 'writer') return event
    } catch {
      // A torn line.
    }
  }
  return undefined
}

function firstLines(journal: string): readonly string[] {
  const lines: string[] = []
  try {
    for (const line of linesOf(journal)) {
      lines.push(line)
      if (lines.length === 3) break
    }
    return lines
  } catch {
    return compactedLines(journal).slice(0, 3)
  }
}
