/** The order in which the events of several writers count. */
import type { LedgerEvent } from './events.ts'
import type { JournalContent } from './read.ts'

/** By time across writers, else by their names; inside a writer always by n, even when its clock was set back. */
export function inOrder(journals: readonly JournalContent[]): readonly LedgerEvent[] {
  const named = [...journals].sort(byFile)
  const timed = named.flatMap(({ events }) => {
    let latest = 0
    return [...events]
      .sort((a, b) => a.n - b.n)
      .map((event) => {
        // What was restored was away before, whatever the clocks of two processes say.
        latest = Math.max(latest, event.t, event.e === 'restore.begun' ? event.after + 1 : 0)
        return { at: latest, event }
      })
  })
  return timed.sort((a, b) => a.at - b.at).map(({ event }) => event)
}

/** What writers are called: the same order in every process. */
export const byFile = (a: JournalContent, b: JournalContent): number => (a.file < b.file ? -1 : 1)
