import { isGone, type ResourceRecord, type Sighting } from '@dustpan/core/ledger'

export interface Compared {
  readonly record: ResourceRecord
  readonly sighting: Sighting
  /** What the record says and the store does not; undefined: they agree, or the store does not tell. */
  readonly mismatch?: 'still there' | 'not there any more'
}

/** Those that were asked about. */
export function compare(records: readonly ResourceRecord[], seen: ReadonlyMap<string, Sighting>): readonly Compared[] {
  return records.flatMap((record): Compared[] => {
    const sighting = seen.get(record.id)
    if (!sighting) return []
    const mismatch = mismatchOf(isSaidGone(record), sighting)
    return [{ record, sighting, ...(mismatch === undefined ? {} : { mismatch }) }]
  })
}

/** What was rolled back was never there, and a table that was dropped or emptied took its rows along: who has their keys now is another. */
const isSaidGone = ({ state, why }: ResourceRecord): boolean =>
  isGone(state) && !(state === 'gone' && why !== undefined && why !== 'user')

function mismatchOf(isSaidGone: boolean, { presence }: Sighting): Compared['mismatch'] {
  if (isSaidGone) return presence === 'present' ? 'still there' : undefined
  return presence === 'absent' ? 'not there any more' : undefined
}
