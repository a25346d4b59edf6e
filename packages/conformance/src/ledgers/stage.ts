/** The stage for a suite's cases: a ledger, and machines that share it. */
import type { SharedLedger, SharedRunState } from '@dustpan/core/ledger'
import { onTestFinished } from 'vitest'
import type { Server } from '../servers/server.ts'
import { type Machine, machine } from './machine.ts'
import type { LedgerPlace, LedgerSubject } from './subject.ts'

export interface Stage {
  readonly subject: LedgerSubject
  readonly server: Server
  /** The place that all cases share. `newPlace` creates one for a single test. */
  readonly place: LedgerPlace
  newPlace(): Promise<LedgerPlace>
  /** Opens another client of the ledger, which shares nothing but the server. */
  open(place?: LedgerPlace): SharedLedger
  host(name: string): Machine
  newRun(): string
  stateOf(run: string): Promise<SharedRunState | undefined>
}

export type LedgerCases = (stage: () => Stage) => void

export async function setStage(subject: LedgerSubject, server: Server): Promise<Stage> {
  const place = await subject.place(server)
  let runs = 0
  const open = ({ config } = place) => {
    const ledger = subject.createLedger(config.options)
    onTestFinished(() => ledger[Symbol.asyncDispose]())
    return ledger
  }
  return {
    subject,
    server,
    place,
    newPlace: () => subject.place(server),
    open,
    host(name) {
      const one = machine(name)
      onTestFinished(() => one[Symbol.dispose]())
      return one
    },
    newRun: () => `20261121-051207-${subject.kind.slice(0, 2)}${String(++runs).padStart(4, '0')}`,
    stateOf: async (run) => (await open().runs()).find((state) => state.run === run),
  }
}
