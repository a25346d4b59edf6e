/** The suite that every shared ledger must pass. */
import { beforeAll } from 'vitest'
import { describeOn } from '../servers/describe-on.ts'
import { jobs } from './cases/jobs.ts'
import { leases } from './cases/leases.ts'
import { locks } from './cases/locks.ts'
import { losses } from './cases/losses.ts'
import { machines } from './cases/machines.ts'
import { outlines } from './cases/outlines.ts'
import { sending } from './cases/sending.ts'
import { texts } from './cases/texts.ts'
import { type Stage, setStage } from './stage.ts'
import type { LedgerSubject } from './subject.ts'

const cases = [sending, texts, losses, machines, leases, outlines, locks, jobs]

export function ledgerSuite(subject: LedgerSubject): void {
  describeOn(
    subject.kind,
    'shared ledger',
    (server) => {
      let stage: Stage
      beforeAll(async () => {
        stage = await setStage(subject, server)
      })
      for (const each of cases) each(() => stage)
    },
    { ...subject.wanted, own: true },
  )
}
