import type { Call } from './call.ts'

/** Warns once per collection and reason. */
export function warnOfUnattributed({ sink }: Call, collection: string, reason: string): void {
  sink.warn(
    'DUSTPAN_WRITE_UNATTRIBUTED',
    `${collection}\n${reason}`,
    `Documents that were written to ${collection} are not tracked: ${reason}`,
  )
}
