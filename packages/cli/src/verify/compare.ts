import { isGone, type ResourceRecord, type Sighting } from '@dustpan/core/ledger'

export interface Compared {
  readonly record: ResourceRecord
  readonly sighting: Sighting
  /** How the store differs from the record; undefined when they agree, or the store does not know. */
  readonly mismatch?: 'still there' | 'not there any more'
}

/** Compares the records that have a sighting. */
export function compare(records: readonly ResourceRecord[], seen: ReadonlyMap<string, Sighting>): readonly Compared[] {
  return records.flatMap((record): Compared[] => {
    const sighting = seen.get(record.id)
    if (!sighting) return []
    const mismatch = mismatchOf(isRecordedGone(record), sighting)
    return [{ record, sighting, ...(mismatch === undefined ? {} : { mismatch }) }]
  })
}

/** Not for resources that were rolled back or went with a dropped or emptied table: their keys may now belong to others. */
const isRecordedGone = ({ state, why }: ResourceRecord): boolean =>
  isGone(state) && !(state === 'gone' && why !== undefined && why !== 'user')

function mismatchOf(isRecordedGone: boolean, { presence }: Sighting): Compared['mismatch'] {
  if (isRecordedGone) return presence === 'present' ? 'still there' : undefined
  return presence === 'absent' ? 'not there any more' : undefined
}
