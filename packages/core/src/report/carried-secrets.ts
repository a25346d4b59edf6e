import type { CarriedRun } from '../ledger/carried-run.ts'
import { redactFor } from './redact.ts'

/** The types whose records contain possible secrets, which must not be sent where others can read them. */
export function typesWithSecrets({ journals }: CarriedRun): readonly string[] {
  const found = Object.values(journals)
    .flat()
    .flatMap((event) => {
      if (event.e !== 'created') return []
      const text = JSON.stringify(event)
      return event.keys.some((key) => redactFor(event.type, key)(text) !== text) ? [event.type] : []
    })
  return [...new Set(found)]
}
