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
    const mismatch = mismatchOf(isGone(record.state), sighting)
    return [{ record, sighting, ...(mismatch === undefined ? {} : { mismatch }) }]
  })
}

function mismatchOf(isSaidGone: boolean, { presence }: Sighting): Compared['mismatch'] {
  if (isSaidGone) return presence === 'present' ? 'still there' : undefined
  return presence === 'absent' ? 'not there any more' : undefined
}
