import type { CarriedRun } from '../ledger/carried-run.ts'
import { redactFor } from './redact.ts'

/** The types of things whose record holds what may be a secret: where others can read it, it must not go. */
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
