import { afterAll, beforeAll, describe, test } from 'vitest'
import { driverCases } from './cases/index.ts'
import { outcomeOf } from './conform.ts'
import type { DriverSubject, StoreServer } from './subject.ts'

/** One test per case. Excused cases are skipped with their reason, as are all cases without a server. */
export function driverSuite(subject: DriverSubject): void {
  describe(subject.name, () => {
    let started: StoreServer | { readonly missing: string }
    beforeAll(async () => {
      started = await subject.start()
    })
    afterAll(async () => {
      if (!('missing' in started)) await started[Symbol.asyncDispose]()
    })

    test.for(driverCases)('$name: $contract', async (one, { skip }) => {
      if ('missing' in started) return skip(started.missing)
      const outcome = await outcomeOf(one, subject, started)
      if (outcome.is === 'failed') throw outcome.error
    })
  })
}
