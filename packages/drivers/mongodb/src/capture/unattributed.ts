import type { Call } from './call.ts'

/** Once for a collection and reason. */
export function warnOfUnattributed({ sink }: Call, collection: string, why: string): void {
  sink.warn(
    'DUSTPAN_WRITE_UNATTRIBUTED',
    `${collection}\n${why}`,
    `Documents that were written to ${collection} are not tracked: ${why}`,
  )
}
