/** Orders the events of several writers. */
import type { LedgerEvent } from './events.ts'
import type { JournalContent } from './read.ts'

/** Across writers by time, then by file name; within a writer always by n, even if its clock was set back. */
export function inOrder(journals: readonly JournalContent[]): readonly LedgerEvent[] {
  const named = [...journals].sort(byFile)
  const timed = named.flatMap(({ events }) => {
    let latest = 0
    return [...events]
      .sort((a, b) => a.n - b.n)
      .map((event) => {
        // A restored resource was gone before, whatever the clocks of the two processes say.
        latest = Math.max(latest, event.t, event.e === 'restore.begun' ? event.after + 1 : 0)
        return { at: latest, event }
      })
  })
  return timed.sort((a, b) => a.at - b.at).map(({ event }) => event)
}

/** By file name: the same order in every process. */
export const byFile = (a: JournalContent, b: JournalContent): number => (a.file < b.file ? -1 : 1)
